import Testing
import ZKCore
import ZKWire

@testable import ZKClient

/// What the machine does over time. Times are milliseconds that the test moves.
@Suite(.timeLimit(.minutes(1)))
struct SessionMachineTests {
    private func machine(
        hosts: Int = 3, timeoutMillis: Int64 = 30_000, canBeReadOnly: Bool = false
    ) -> SessionMachine {
        SessionMachine(
            settings: .init(
                hostCount: hosts, sessionTimeoutMillis: timeoutMillis, canBeReadOnly: canBeReadOnly,
                shufflesHosts: false, seed: 42))
    }

    /// A machine whose session was granted at time 0.
    private func liveMachine(hosts: Int = 3, timeoutMillis: Int32 = 30_000) -> SessionMachine {
        var machine = machine(hosts: hosts)
        _ = machine.handle(.start, now: 0)
        _ = machine.handle(.connected, now: 0)
        _ = machine.handle(.handshake(.granting(timeoutMillis: timeoutMillis)), now: 0)
        return machine
    }

    @Test func asksForANewSessionFirst() {
        var machine = machine(canBeReadOnly: true)
        #expect(machine.handle(.start, now: 0) == [.connect(host: 0)])
        let effects = machine.handle(.connected, now: 1)
        #expect(
            effects == [
                .sendConnectRequest(
                    ConnectRequest(
                        lastZxidSeen: .zero, timeoutMillis: 30_000, sessionID: 0,
                        password: [UInt8](repeating: 0, count: 16), readOnly: true))
            ])
        #expect(
            machine.handle(.handshake(.granting()), now: 2) == [.established(isReadOnly: false, isNewSession: true)])
        #expect(machine.sessionID == 7 && machine.timeoutMillis == 9000)
    }

    @Test func carriesSessionAndLastZxidToTheNextHost() {
        var machine = liveMachine()
        machine.sawZxid(Zxid(rawValue: 0x1a3))
        machine.sawZxid(Zxid(rawValue: -1))
        #expect(
            machine.handle(.connectionLost(reason: "reset"), now: 5000) == [.drop(reason: "reset"), .connect(host: 1)])
        guard case .sendConnectRequest(let request)? = machine.handle(.connected, now: 5001).first else {
            Issue.record("no connect request")
            return
        }
        #expect(request.sessionID == 7 && request.password == [UInt8](repeating: 5, count: 16))
        #expect(request.lastZxidSeen == Zxid(rawValue: 0x1a3))
        // What is asked for again is what the user wants, not what the last server granted.
        #expect(request.timeoutMillis == 30_000)
        #expect(
            machine.handle(.handshake(.granting()), now: 5002) == [.established(isReadOnly: false, isNewSession: false)]
        )
    }

    @Test func pingsBeforeHalfTheReadTimeout() {
        var machine = liveMachine()
        // Read timeout 20 s, half of it 10 s, less one.
        #expect(machine.pingAfterMillis == 9000)
        #expect(machine.nextDeadline == 9000)
        #expect(machine.handle(.tick, now: 8999).isEmpty)
        #expect(machine.handle(.tick, now: 9000) == [.sendPing])
        machine.heard(now: 9001)
        machine.sent(now: 10_000)
        #expect(machine.nextDeadline == 19_000)
    }

    @Test(arguments: [
        (Int32(1000), Int64(333)), (3000, 1000), (4000, 1000), (6000, 1000), (9000, 2000), (600_000, 10_000),
    ])
    func pingIntervalFollowsTheTimeout(timeoutMillis: Int32, expected: Int64) {
        #expect(liveMachine(timeoutMillis: timeoutMillis).pingAfterMillis == expected)
    }

    @Test func aSilentServerIsLeft() {
        var machine = liveMachine()
        machine.sent(now: 19_000)
        #expect(machine.handle(.tick, now: 19_999).isEmpty)
        let effects = machine.handle(.tick, now: 20_000)
        #expect(effects == [.drop(reason: "nothing heard from the server for 20000 ms"), .connect(host: 1)])
    }

    @Test func aHostHasItsShareOfTheTimeout() {
        var machine = machine()
        _ = machine.handle(.start, now: 0)
        #expect(machine.nextDeadline == 10_000)
        #expect(machine.handle(.tick, now: 9999).isEmpty)
        #expect(machine.handle(.tick, now: 10_000).last == .connect(host: 1))
        _ = machine.handle(.connected, now: 11_000)
        #expect(machine.handle(.tick, now: 20_000).last == .connect(host: 2), "connecting and greeting share one limit")
    }

    @Test func aLongSessionDoesNotWaitLongForAHost() {
        var machine = liveMachine(timeoutMillis: 600_000)
        _ = machine.handle(.connectionLost(reason: "reset"), now: 0)
        _ = machine.handle(.connected, now: 1000)
        #expect(machine.handle(.tick, now: 19_999).isEmpty)
        let effects = machine.handle(.tick, now: 20_000)
        #expect(effects.contains(.drop(reason: "no answer to the connect request in 20000 ms")), "\(effects)")
    }

    @Test func theSessionIsGivenUpWhenNobodyWasReachedForFourThirds() {
        var machine = liveMachine()
        _ = machine.handle(.connectionLost(reason: "reset"), now: 100)
        var now: Int64 = 100
        while let deadline = machine.nextDeadline, now < 100_000 {
            now = deadline
            let effects = machine.handle(.tick, now: now)
            if case .end? = effects.last { break }
            if effects.contains(where: { if case .connect = $0 { true } else { false } }) {
                _ = machine.handle(.connectionLost(reason: "refused"), now: now)
            }
        }
        #expect(now == 40_000)
        #expect(machine.state == .ended(.givenUp(afterMillis: 40_000)))
    }

    /// What a load balancer without a backend, a server without a quorum and a stopped process do.
    @Test(arguments: ["refuses", "accepts and closes", "accepts and says nothing", "has no quorum"])
    func whateverAcceptsASessionNobodyAnswersIsGivenUp(host: String) {
        var machine = machine(hosts: 2, canBeReadOnly: true)
        _ = machine.handle(.start, now: 0)
        _ = machine.handle(.connected, now: 0)
        _ = machine.handle(.handshake(.granting(timeoutMillis: 30_000)), now: 5)
        machine.confirmed(sentAt: 900)
        var now: Int64 = 1000
        var effects = machine.handle(.connectionLost(reason: "reset"), now: now)
        while now < 100_000 {
            if case .end? = effects.last { break }
            if case .connect? = effects.last, host != "refuses" {
                _ = machine.handle(.connected, now: now)
                if host == "has no quorum" {
                    _ = machine.handle(.handshake(.granting(timeoutMillis: 30_000, isReadOnly: true)), now: now)
                    // It answers, but not for the ensemble.
                    machine.heard(now: now)
                    machine.confirmed(sentAt: now)
                }
            }
            let fails = ["refuses", "accepts and closes"].contains(host)
            if case .connect? = effects.last, fails {
                effects = machine.handle(.connectionLost(reason: "closed"), now: now)
            } else {
                now = machine.nextDeadline ?? now
                if host == "has no quorum" { machine.heard(now: now) }
                effects = machine.handle(.tick, now: now)
            }
        }
        #expect(now == 40_900)
        #expect(machine.state == .ended(.givenUp(afterMillis: 40_000)))
    }

    @Test func anotherSessionInPlaceOfOursIsTheEndOfOurs() {
        var machine = liveMachine()
        _ = machine.handle(.connectionLost(reason: "reset"), now: 100)
        _ = machine.handle(.connected, now: 100)
        #expect(machine.handle(.handshake(.granting(sessionID: 8)), now: 101).last == .end(.replaced))
        #expect(machine.sessionID == 7)
    }

    @Test(arguments: [
        ConnectResponse.granting(sessionID: 8, isReadOnly: true), .granting(timeoutMillis: 0, isReadOnly: true),
    ])
    func aServerWithoutAQuorumDoesNotEndTheSession(answer: ConnectResponse) {
        var machine = machine(hosts: 3, canBeReadOnly: true)
        _ = machine.handle(.start, now: 0)
        _ = machine.handle(.connected, now: 0)
        _ = machine.handle(.handshake(.granting()), now: 0)
        _ = machine.handle(.connectionLost(reason: "reset"), now: 100)
        _ = machine.handle(.connected, now: 100)
        #expect(machine.handle(.handshake(answer), now: 101).last == .connect(host: 2))
        #expect(machine.sessionID == 7)
    }

    @Test func aSessionIsInDoubtWhenNothingSentIsAnsweredForTwoThirds() {
        var machine = liveMachine()
        machine.heard(now: 19_000)
        #expect(machine.isCertain(now: 19_999))
        #expect(!machine.isCertain(now: 20_000))
        #expect(machine.handle(.tick, now: 20_000).contains(.doubt))
        #expect(!machine.handle(.tick, now: 20_001).contains(.doubt), "it is said once")
        machine.confirmed(sentAt: 19_500)
        #expect(machine.isCertain(now: 39_499))
        #expect(machine.handle(.tick, now: 30_000).contains(.doubt) == false)
    }

    @Test func aClientWithoutASessionTriesForever() {
        var machine = machine(hosts: 1)
        _ = machine.handle(.start, now: 0)
        _ = machine.handle(.connectionLost(reason: "refused"), now: 0)
        #expect(machine.handle(.tick, now: 10_000_000) == [.connect(host: 0)])
    }

    @Test func pausesGrowFromRoundToRound() {
        var ring = HostRing(hostCount: 2, shuffles: false, seed: 9)
        let tries = (0..<12).map { _ in ring.next() }
        #expect(tries.map(\.host) == [0, 1, 0, 1, 0, 1, 0, 1, 0, 1, 0, 1])
        let longest: [Int64] = [0, 0, 100, 0, 200, 0, 400, 0, 800, 0, 1000, 0]
        for (attempt, limit) in zip(tries, longest) {
            #expect((limit / 2...limit).contains(attempt.pauseMillis))
        }
        ring.succeeded()
        #expect(ring.next().pauseMillis == 0)
    }

    @Test func aConnectionThatDiesAtOnceIsNoSuccess() {
        var machine = liveMachine(hosts: 1)
        _ = machine.handle(.connectionLost(reason: "reset"), now: 10)
        guard case .pausing(0, let until) = machine.state else {
            Issue.record("\(machine.state)")
            return
        }
        #expect(until >= 60)
        machine = liveMachine(hosts: 1)
        #expect(machine.handle(.connectionLost(reason: "reset"), now: 1000).last == .connect(host: 0))
    }

    @Test func hostsAreShuffledOnce() {
        var ring = HostRing(hostCount: 5, shuffles: true, seed: 3)
        let first = (0..<5).map { _ in ring.next().host }
        let second = (0..<5).map { _ in ring.next().host }
        #expect(first == second)
        #expect(Set(first) == Set(0..<5))
        let orders = Set(
            (0..<20 as Range<UInt64>).map { seed in
                var ring = HostRing(hostCount: 5, shuffles: true, seed: seed)
                return (0..<5).map { _ in ring.next().host }
            })
        #expect(orders.count > 5)
    }

    @Test func aReadOnlyConnectionLooksForABetterOne() {
        var machine = machine(canBeReadOnly: true)
        _ = machine.handle(.start, now: 0)
        _ = machine.handle(.connected, now: 0)
        #expect(
            machine.handle(.handshake(.granting(timeoutMillis: 30_000, isReadOnly: true)), now: 0)
                == [.established(isReadOnly: true, isNewSession: true)])
        #expect(machine.nextDeadline == 100)
        #expect(machine.handle(.tick, now: 100) == [.probe(host: 1)])
        #expect(machine.nextDeadline == 300)
        #expect(machine.handle(.tick, now: 300) == [.probe(host: 2)])
        let effects = machine.handle(.readWriteServerFound(host: 2), now: 301)
        #expect(effects.last == .connect(host: 2))
        guard case .sendConnectRequest(let request)? = machine.handle(.connected, now: 302).first else {
            Issue.record("no connect request")
            return
        }
        #expect(request.sessionID == 0, "a session that only read-only servers know is not one of the ensemble")
    }

    @Test func closingWaitsForItsAnswerButNotForever() {
        var machine = liveMachine()
        #expect(machine.handle(.close(waits: true), now: 100) == [.sendCloseSession])
        #expect(machine.nextDeadline == 2100)
        #expect(machine.handle(.tick, now: 2100).last == .end(.closed))
    }
}
