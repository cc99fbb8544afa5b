import Glibc
import Support
import Synchronization
import Testing
import ZKClient
import ZKCore
import ZKRecipes

/// A cancellation and a deadline at each await of each recipe: nothing is lost, and nothing is left.
@Suite(.serialized, .timeLimit(.minutes(4))) struct InterruptionTests {
    /// What is interrupted. `begin` gets something, if it comes to that, and `end` gives it back.
    enum Recipe: String, CaseIterable, Sendable {
        case lock, reader, kazooLock, semaphore, kazooSemaphore, election, member, barrier

        func attempt(_ client: ZooKeeperClient, _ home: ZnodePath, timeout: Duration?) async throws {
            let path = home.appending(rawValue)
            switch self {
            case .lock: try await DistributedLock(client, path: path).acquire(timeout: timeout).release()
            case .reader: try await DistributedLock(client, path: path, kind: .read).acquire(timeout: timeout).release()
            case .kazooLock:
                try await DistributedLock(client, path: path, layout: .kazoo).acquire(timeout: timeout).release()
            case .semaphore:
                try await DistributedSemaphore(client, path: path, leasesMax: 1).acquire(timeout: timeout).release()
            case .kazooSemaphore:
                try await DistributedSemaphore(client, path: path, leasesMax: 1, layout: .kazoo)
                    .acquire(timeout: timeout).release()
            case .election:
                try await LeaderElection(client, path: path, name: [1]).campaign(timeout: timeout).release()
            case .member:
                let group = GroupMembership(client, path: path)
                try await group.leave(try await group.join(id: "m"))
            case .barrier:
                let barrier = DoubleBarrier(client, path: path, membersMin: 1)
                try await barrier.enter(timeout: timeout)
                try await barrier.leave(timeout: timeout)
            }
        }
    }

    /// Calls back at the nth frame that is sent or received.
    private final class FrameAlarm: Sendable {
        private let state = Mutex<(left: Int, ring: (@Sendable () -> Void)?)>((0, nil))

        func set(at frame: Int, _ ring: @escaping @Sendable () -> Void) {
            state.withLock { $0 = (frame, ring) }
        }

        func clear() -> Bool {
            state.withLock { state in
                defer { state.ring = nil }
                return state.ring == nil
            }
        }

        func count(_ frame: ClientTrace.Frame) {
            guard frame.xid > 0 else { return }
            let ring = state.withLock { state -> (@Sendable () -> Void)? in
                guard state.ring != nil else { return nil }
                state.left -= 1
                return state.left > 0 ? nil : state.ring.take()
            }
            ring?()
        }
    }

    private func session(_ alarm: FrameAlarm? = nil) async throws -> ZooKeeperClient {
        let server = try await Self.server.value
        var configuration = ClientConfiguration(connectString: try ConnectString(server.connectString))
        if let alarm { configuration.trace = ClientTrace { alarm.count($0) } }
        let client = ZooKeeperClient(configuration: configuration)
        try await client.waitUntilConnected(timeout: .seconds(20))
        return client
    }

    private static let server = Task { try await ZooshServer.start() }

    @Test(arguments: Recipe.allCases)
    func aCancellationAtEachAwaitLeavesNothing(_ recipe: Recipe) async throws {
        let alarm = FrameAlarm()
        let client = try await session(alarm)
        let home = try await client.create("/cancelled-", mode: .persistentSequential)
        // The first time makes the parents, the others do without; and one more than there are awaits.
        for frame in 1...40 {
            let task = Mutex<Task<Void, any Error>?>(nil)
            alarm.set(at: frame) { task.withLock { $0 }?.cancel() }
            let attempt = Task { try await recipe.attempt(client, home, timeout: nil) }
            task.withLock { $0 = attempt }
            do {
                try await withTimeLimit(.seconds(20), "\(recipe) cancelled at frame \(frame)") {
                    try await attempt.value
                }
            } catch is CancellationError {
            }
            let rang = alarm.clear()
            try await eventually("\(recipe), frame \(frame): nothing is left") {
                try await client.getEphemerals(prefix: home).isEmpty
            }
            if !rang { break }
        }
        // And nobody is shut out by what was.
        try await recipe.attempt(try await session(), home, timeout: .seconds(20))
        await client.close()
    }

    @Test(arguments: Recipe.allCases)
    func aDeadlineAtAnyMomentLeavesNothing(_ recipe: Recipe) async throws {
        let client = try await session()
        let home = try await client.create("/late-", mode: .persistentSequential)
        var generator = SystemRandomNumberGenerator()
        for _ in 0..<150 {
            let timeout = Duration.microseconds(Int.random(in: 1...4000, using: &generator))
            do {
                try await recipe.attempt(client, home, timeout: timeout)
            } catch let error as RecipeError {
                guard case .timedOut = error else { throw error }
            }
        }
        try await eventually("\(recipe): nothing is left") { try await client.getEphemerals(prefix: home).isEmpty }
        try await recipe.attempt(try await session(), home, timeout: .seconds(20))
        await client.close()
    }

    @Test func noElementIsLostByATimerOrACancellation() async throws {
        let client = try await session()
        let path = try await client.create("/queue-", mode: .persistentSequential)
        let queue = DistributedQueue(client, path: path)
        let count = 1000
        try await withThrowingTaskGroup(of: Void.self) { group in
            for number in 0..<count {
                group.addTask { try await queue.push(Array("\(number)".utf8)) }
            }
            try await group.waitForAll()
        }
        let taken = Shared<[[UInt8]]>([])
        try await withThrowingTaskGroup(of: Void.self) { group in
            for _ in 0..<4 {
                group.addTask {
                    for round in 0..<600 {
                        let pause = Duration.microseconds(Int.random(in: 1...1500))
                        let pop = Task { try await queue.pop(timeout: round % 2 == 0 ? pause : .seconds(1)) }
                        if round % 2 == 1 {
                            try await Task.sleep(for: pause)
                            pop.cancel()
                        }
                        do {
                            if let element = try await pop.value { taken.change { $0.append(element) } }
                        } catch is CancellationError {
                        }
                    }
                }
            }
            try await group.waitForAll()
        }
        while let element = try await queue.popNow() { taken.change { $0.append(element) } }
        #expect(taken.value.count == count)
        #expect(Set(taken.value).count == count)
        await client.close()
    }

    /// The server stands still: it accepts, and says nothing.
    @Test func aServerThatHangsHoldsNobodyBeyondTheTime() async throws {
        let server = try await ZooshServer.start()
        var configuration = ClientConfiguration(connectString: try ConnectString(server.connectString))
        configuration.sessionTimeout = .seconds(40)
        let client = ZooKeeperClient(configuration: configuration)
        try await client.waitUntilConnected(timeout: .seconds(20))
        let home = try await client.create("/hang")
        kill(server.pid, SIGSTOP)
        defer { kill(server.pid, SIGCONT) }
        try await withThrowingTaskGroup(of: Void.self) { group in
            for recipe in Recipe.allCases where recipe != .member {
                group.addTask {
                    let start = ContinuousClock.now
                    do {
                        try await recipe.attempt(client, home, timeout: .seconds(1))
                        Issue.record("\(recipe) was granted by a server that stands still")
                    } catch let error as RecipeError {
                        guard case .timedOut = error else { throw error }
                    }
                    #expect(ContinuousClock.now - start < .seconds(4), "\(recipe)")
                }
            }
            for recipe in Recipe.allCases {
                group.addTask {
                    let attempt = Task { try await recipe.attempt(client, home, timeout: nil) }
                    try await Task.sleep(for: .milliseconds(100))
                    let start = ContinuousClock.now
                    attempt.cancel()
                    await #expect(throws: CancellationError.self, "\(recipe)") { try await attempt.value }
                    #expect(ContinuousClock.now - start < .seconds(3), "\(recipe)")
                }
            }
            try await group.waitForAll()
        }
        kill(server.pid, SIGCONT)
        try await eventually(within: .seconds(60), "what was left to the background is done") {
            try await client.getEphemerals(prefix: home).isEmpty
        }
        await client.close()
    }
}
