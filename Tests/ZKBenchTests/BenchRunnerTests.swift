import Support
import Testing
import ZKBench

@Suite(.timeLimit(.minutes(2))) struct BenchRunnerTests {
    private func options(port: Int, _ change: (inout BenchOptions) -> Void = { _ in }) -> BenchOptions {
        var options = BenchOptions()
        options.port = port
        options.connections = 3
        options.inFlight = 4
        options.keyCount = 20
        options.root = "/bench-\(UInt32.random(in: .min ... .max))/nested"
        change(&options)
        return options
    }

    private func reports(_ options: BenchOptions) async throws -> [BenchReport] {
        var reports: [BenchReport] = []
        try await BenchRunner(options).run { reports.append($0) }
        return reports
    }

    /// Every operation against a real server, which must hold as many writes as it acknowledged.
    @Test func everyOperationIsAnsweredAndVerified() async throws {
        let server = try await ApacheServer.shared()
        let options = options(port: Int(server.port)) {
            $0.operations = BenchOperation.allCases
            $0.requestCount = 500
        }
        let reports = try await reports(options)
        #expect(reports.map(\.operation) == BenchOperation.allCases)
        for report in reports {
            #expect(report.requestCount == 500, "\(report.operation)")
            #expect(report.errorCount == 0, "\(report.operation): \(report.errors)")
            #expect(report.latencyMicros(percentile: 50) <= report.latencyMicros(percentile: 99))
            switch report.operation {
            case .set, .create, .seq, .ephemeral: #expect(report.verified == 500)
            case .mixed: #expect((1..<500).contains(report.verified ?? 0))
            case .get, .exists, .ls: #expect(report.verified == nil)
            }
        }
        let nodes = try await server.metric("zk_znode_count")
        #expect(nodes != nil)
    }

    @Test func measuresForTheGivenTime() async throws {
        let server = try await CannedServer(valueBytes: 100)
        let options = options(port: server.port) {
            $0.operations = [.get]
            $0.verifies = false
            $0.warmup = .milliseconds(20)
            $0.duration = .milliseconds(200)
        }
        let report = try #require(try await reports(options).first)
        #expect(report.requestCount > 100)
        #expect(report.seconds >= 0.2)
        #expect(report.json.hasPrefix(#"{"operation":"get","connections":3,"inFlight":4,"valueBytes":100,"seconds":"#))
        #expect(report.json.contains(#""p99.9":"#))
        #expect(report.textLine.hasPrefix("get "))
        try await server.shutdown()
    }

    /// A server that acknowledges everything and stores nothing is found out.
    @Test func noticesWritesThatAreNotThere() async throws {
        let server = try await CannedServer(valueBytes: 0)
        let options = options(port: server.port) {
            $0.operations = [.set]
            $0.requestCount = 100
        }
        await #expect(throws: BenchError.self) { try await reports(options) }
        try await server.shutdown()
    }

    @Test func saysThatNobodyListens() async throws {
        let port = Int(try Loopback.freePort())
        do {
            _ = try await reports(options(port: port))
            Issue.record("nobody listens there")
        } catch {
            #expect("\(error)".contains("127.0.0.1:\(port)"))
        }
    }

    @Test func refusesSenselessOptions() {
        var options = BenchOptions()
        #expect(options.problem == nil)
        options.connections = 0
        #expect(options.problem?.contains("--connections") == true)
        options = BenchOptions()
        options.root = "/"
        #expect(options.problem?.contains("--root") == true)
        options = BenchOptions()
        options.requestCount = 0
        #expect(options.problem?.contains("--count") == true)
    }
}
