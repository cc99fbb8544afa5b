import StoreSupport
import Support
import Testing
import ZKCore

@testable import ZKStore

/// Power loss, kill and failure at every step of a server's life: what it acknowledged is there afterwards, and what is
/// there is the state after a prefix of its txns.
@Suite(.timeLimit(.minutes(10))) struct CrashTests {
    static let seeds: [UInt64] = [1, 2, 3]

    /// What a server did until it stopped.
    final class Life {
        var states: [Zxid: ModelTree] = [.zero: ModelTree()]
        var acknowledged = Zxid.zero

        /// Runs a server until its end or the fault; returns the error that stopped it.
        @discardableResult
        func run(on disk: SimulatedDisk, seed: UInt64, batches: Int = 9) -> StoreError? {
            do throws(StoreError) {
                let server = try ModelServer(disk: disk, seed: seed) { self.states[$0.lastZxid] = $0 }
                check(server, "start")
                try server.run(batches: batches) { self.acknowledged = $0 }
                return nil
            } catch {
                return error
            }
        }

        /// Starts a server on what is left, and checks what it sees.
        func recover(from disk: SimulatedDisk, _ what: String) throws {
            let server = try ModelServer(disk: disk, seed: 0)
            check(server, what)
        }

        private func check(_ server: ModelServer, _ what: String) {
            let zxid = server.tree.lastZxid
            #expect(zxid >= acknowledged, "\(what): an acknowledged txn is lost")
            guard let state = states[zxid] else {
                Issue.record("\(what): \(zxid) was never written")
                return
            }
            #expect(server.tree.hasState(of: state), "\(what): not the state after \(zxid)")
            // It has been shown, so it must stay.
            acknowledged = zxid
            states = states.filter { $0.key <= zxid }
        }
    }

    @Test func runsToItsEndWithoutAFault() {
        let disk = SimulatedDisk(seed: 1)
        let life = Life()
        #expect(life.run(on: disk, seed: 1) == nil)
        #expect(life.acknowledged > Zxid(rawValue: 10))
        #expect(disk.steps > 100)
    }

    @Test(arguments: seeds) func survivesPowerLossAtEveryStep(seed: UInt64) throws {
        for step in 1... {
            let disk = SimulatedDisk(seed: seed, fault: .powerLoss(atStep: step))
            let life = Life()
            life.run(on: disk, seed: seed)
            for reboot in 0..<4 as Range<UInt64> {
                // Each time another part of what was not synced is left.
                let copy = Life()
                (copy.states, copy.acknowledged) = (life.states, life.acknowledged)
                try copy.recover(from: disk.rebooted(seed: reboot), "seed \(seed), step \(step), reboot \(reboot)")
            }
            if !disk.hasFaulted { break }
        }
    }

    @Test(arguments: seeds) func survivesAKillAtEveryStepAndPowerLossAfterIt(seed: UInt64) throws {
        for step in 1... {
            let disk = SimulatedDisk(seed: seed, fault: .kill(atStep: step))
            let life = Life()
            life.run(on: disk, seed: seed)
            let hasFaulted = disk.hasFaulted
            disk.restarted()
            try life.recover(from: disk, "seed \(seed), step \(step)")
            // What that start showed must be durable.
            try life.recover(from: disk.rebooted(seed: seed), "seed \(seed), step \(step), then power loss")
            if !hasFaulted { break }
        }
    }

    @Test(arguments: [5, 28] as [Int32], seeds) func survivesAFailureAtEveryStep(errno: Int32, seed: UInt64) throws {
        for step in 1... {
            let disk = SimulatedDisk(seed: seed, fault: .failure(atStep: step, errno: errno))
            let life = Life()
            let error = life.run(on: disk, seed: seed)
            let hasFaulted = disk.hasFaulted
            if let error { #expect(hasFaulted && error.kind == .system(errno: errno), "\(error)") }
            disk.restarted()
            try life.recover(from: disk, "seed \(seed), step \(step)")
            try life.recover(from: disk.rebooted(seed: seed), "seed \(seed), step \(step), then power loss")
            if !hasFaulted { break }
        }
    }

    /// Step by step through a recovery that follows a power loss in the midst of a batch, a roll or a snapshot.
    @Test(arguments: seeds) func survivesPowerLossDuringRecovery(seed: UInt64) throws {
        let whole = SimulatedDisk(seed: seed)
        Life().run(on: whole, seed: seed)
        for first in stride(from: 1, to: whole.steps, by: 3) {
            for step in 1... {
                let disk = SimulatedDisk(seed: seed, fault: .powerLoss(atStep: first))
                let life = Life()
                life.run(on: disk, seed: seed)
                let second = disk.rebooted(seed: seed, fault: .powerLoss(atStep: step))
                _ = try? ModelServer(disk: second, seed: 0)
                try life.recover(from: second.rebooted(seed: seed &+ 1), "seed \(seed), steps \(first) and \(step)")
                if !second.hasFaulted { break }
            }
        }
    }

    /// One life after the other on the same disk, each ended by something at random.
    /// A directory that is there need not be durable: who made it may have been killed before it synced its name.
    @Test func whatAKilledStartMadeIsDurableAfterTheNext() throws {
        for step in 1...12 {
            let disk = SimulatedDisk(seed: 1, fault: .kill(atStep: step))
            let life = Life()
            life.run(on: disk, seed: 1)
            disk.restarted()
            #expect(life.run(on: disk, seed: 2) == nil)
            for reboot in 0..<8 as Range<UInt64> {
                let copy = Life()
                (copy.states, copy.acknowledged) = (life.states, life.acknowledged)
                try copy.recover(from: disk.rebooted(seed: reboot), "step \(step), reboot \(reboot)")
            }
        }
    }

    @Test(arguments: 1...40 as ClosedRange<UInt64>) func survivesManyCrashes(seed: UInt64) throws {
        var generator = SeededGenerator(seed: seed)
        var disk = SimulatedDisk(seed: seed)
        let life = Life()
        for round in 0..<12 as Range<UInt64> {
            let step = Int.random(in: 1...150, using: &generator)
            let faults: [SimulatedDisk.Fault] = [
                .powerLoss(atStep: step), .kill(atStep: step), .failure(atStep: step, errno: 5),
            ]
            disk.fault = faults.randomElement(using: &generator)!
            life.run(on: disk, seed: seed &* 1000 + round)
            if case .powerLoss = disk.fault {
                disk = disk.rebooted(seed: seed &+ round)
            } else {
                disk.restarted()
            }
        }
        try life.recover(from: disk.rebooted(seed: seed), "seed \(seed)")
        #expect(life.acknowledged > .zero)
    }

    @Test func aFullDiskStopsTheServerAndLosesNothing() throws {
        for limit in stride(from: 0, to: 60_000, by: 701) {
            let disk = SimulatedDisk(seed: 4, fault: .full(bytes: limit))
            let life = Life()
            let error = life.run(on: disk, seed: 4)
            if disk.hasFaulted {
                #expect(error?.kind == .system(errno: 28), "\(limit)")
                #expect(error?.wayOut.contains("Make room") == true)
            }
            // Still full: a start fails the same way, or has room enough.
            disk.restarted(fault: .full(bytes: limit))
            do {
                try life.recover(from: disk, "full at \(limit)")
            } catch let error as StoreError {
                #expect(error.kind == .system(errno: 28))
            }
            disk.restarted()
            try life.recover(from: disk, "with room again after \(limit)")
        }
    }
}
