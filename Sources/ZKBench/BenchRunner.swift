internal import Histogram
internal import NIOCore
internal import NIOPosix
internal import Synchronization
internal import ZKCore
internal import ZKWire

/// Measures a server of ZooKeeper's protocol.
public struct BenchRunner: Sendable {
    private let options: BenchOptions
    /// Hears, twice a second, how far a run has come.
    private let progress: (@Sendable (BenchProgress) -> Void)?

    public init(_ options: BenchOptions, progress: (@Sendable (BenchProgress) -> Void)? = nil) {
        self.options = options
        self.progress = progress
    }

    /// Runs the operations one after the other and hands over each report as it is ready.
    ///
    /// - Throws: ``BenchError`` when the server cannot be reached, breaks off, or does not hold what it acknowledged.
    public func run(_ report: (BenchReport) -> Void) async throws {
        let group = MultiThreadedEventLoopGroup(numberOfThreads: options.eventLoops)
        do {
            try await runAll(on: group, report)
        } catch {
            try? await group.shutdownGracefully()
            throw error
        }
        try await group.shutdownGracefully()
    }

    private func runAll(on group: MultiThreadedEventLoopGroup, _ report: (BenchReport) -> Void) async throws {
        let admin = try await BenchClient.connect(to: options, on: group.next(), depth: 256) { _ in ScriptSource() }
        try await makeRoot(admin)
        for operation in options.operations {
            let directory = "\(options.root)/\(operation.rawValue)-\(UInt32.random(in: .min ... .max))"
            try await prepare(operation, directory, admin)
            report(try await measure(operation, directory, group, admin))
            if !options.keepsZnodes { try await admin.deleteAll(directory) }
        }
        // Fails when another run uses the same root, or when its znodes stay.
        if !options.keepsZnodes {
            _ = try await admin.run([ScriptRequest(type: .delete, body: rootDeletion)])
        }
        await admin.close()
    }

    private func makeRoot(_ admin: BenchClient<ScriptSource>) async throws {
        var path = ""
        for name in options.root.split(separator: "/") {
            path += "/\(name)"
            let reply = try await admin.run([admin.create(path)])[0]
            guard reply.err == .ok || reply.err == .nodeExists else {
                throw BenchError("create \(path): \(reply.err)")
            }
        }
    }

    private func prepare(
        _ operation: BenchOperation, _ directory: String, _ admin: BenchClient<ScriptSource>
    ) async throws {
        let znodes = LoadPlan.preparation(of: operation, directory: directory, options: options)
        let replies = try await admin.run(znodes.map { admin.create($0.path, data: $0.data) })
        for (znode, reply) in zip(znodes, replies) where reply.err != .ok {
            throw BenchError("create \(znode.path): \(reply.err)")
        }
    }

    private func measure(
        _ operation: BenchOperation, _ directory: String, _ group: MultiThreadedEventLoopGroup,
        _ admin: BenchClient<ScriptSource>
    ) async throws -> BenchReport {
        let counters = LoadCounters(requestCount: options.requestCount)
        var clients: [BenchClient<LoadSource>] = []
        var drained: [EventLoopFuture<Void>] = []
        for connection in 0..<options.connections {
            let loop = group.next()
            let promise = loop.makePromise(of: Void.self)
            drained.append(promise.futureResult)
            let (operation, options) = (operation, options)
            do {
                clients.append(
                    try await BenchClient.connect(to: options, on: loop, depth: options.inFlight) { _ in
                        LoadSource(
                            plan: LoadPlan(operation, directory: directory, connection: connection, options: options),
                            counters: counters, isLimited: options.requestCount != nil, drained: promise)
                    })
            } catch {
                promise.fail(error)
                throw error
            }
        }
        let seconds = try await load(clients, drained, operation, counters)
        var report = BenchReport(operation: operation, options: options, seconds: seconds)
        var writes = 0
        for client in clients {
            let part = try await client.read { ($0.histogram, $0.errors, $0.acknowledgedWrites) }
            report.add(part.0, errors: part.1)
            writes += part.2
        }
        if options.verifies {
            report.verified = try await verify(operation, directory, writes, admin)
        }
        await withTaskGroup { tasks in
            for client in clients { tasks.addTask { await client.close() } }
        }
        return report
    }

    /// Starts all connections, measures, stops them, and waits for the last reply. Gives the measured seconds.
    private func load(
        _ clients: [BenchClient<LoadSource>], _ drained: [EventLoopFuture<Void>], _ operation: BenchOperation,
        _ counters: LoadCounters
    ) async throws -> Double {
        let allDrained = EventLoopFuture.andAllSucceed(drained, on: drained[0].eventLoop)
        var began = ContinuousClock.now
        let reporter = reportProgress(operation, counters)
        defer { reporter?.cancel() }
        for client in clients { client.poke { _ in } }
        if options.requestCount == nil {
            try await sleep(options.warmup, unlessFailed: allDrained)
            began = .now
            for client in clients { client.poke { $0.phase = .measuring } }
            try await sleep(options.duration, unlessFailed: allDrained)
            let ended = ContinuousClock.now
            for client in clients { client.poke { $0.phase = .stopping } }
            try await allDrained.get()
            return (ended - began) / .seconds(1)
        }
        try await allDrained.get()
        return (ContinuousClock.now - began) / .seconds(1)
    }

    /// Sleeps, but ends with the error as soon as a connection fails.
    private func sleep(_ duration: Duration, unlessFailed drained: EventLoopFuture<Void>) async throws {
        let alarm = drained.eventLoop.makePromise(of: Void.self)
        drained.whenFailure { alarm.fail($0) }
        let nanos = duration / .nanoseconds(1)
        drained.eventLoop.scheduleTask(in: .nanoseconds(Int64(nanos))) { alarm.succeed() }
        try await alarm.futureResult.get()
    }

    private func reportProgress(_ operation: BenchOperation, _ counters: LoadCounters) -> Task<Void, Never>? {
        guard let progress else { return nil }
        return Task {
            let began = ContinuousClock.now
            var last = (count: 0, time: began)
            while (try? await Task.sleep(for: .milliseconds(500))) != nil {
                let now = (count: counters.measured.load(ordering: .relaxed), time: ContinuousClock.now)
                let rate = Double(now.count - last.count) / ((now.time - last.time) / .seconds(1))
                progress(BenchProgress(operation: operation, elapsed: now.time - began, requestsPerSecond: rate))
                last = now
            }
        }
    }

    /// Compares what the server holds with what it acknowledged; gives the number of writes that were compared.
    private func verify(
        _ operation: BenchOperation, _ directory: String, _ acknowledged: Int, _ admin: BenchClient<ScriptSource>
    ) async throws -> Int? {
        let stored: Int
        switch operation {
        case .create, .seq, .ephemeral:
            let parents = (0..<options.connections).map { LoadPlan.parent(of: $0, in: directory) }
            stored = try await admin.stats(of: parents).reduce(0) { $0 + Int($1.numChildren) }
        case .set, .mixed:
            stored = try await admin.stats(of: LoadPlan.keys(of: directory, options)).reduce(0) { $0 + Int($1.version) }
        case .get, .exists, .ls:
            return nil
        }
        guard stored == acknowledged else {
            throw BenchError(
                "\(operation.rawValue): the server acknowledged \(acknowledged) writes but holds the traces of \(stored)"
            )
        }
        return stored
    }

    private var rootDeletion: DeleteRequest { DeleteRequest(path: UString(options.root), version: -1) }
}

/// How far a run has come.
public struct BenchProgress: Sendable {
    public let operation: BenchOperation
    public let elapsed: Duration
    public let requestsPerSecond: Double
}
