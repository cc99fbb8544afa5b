public import ShellLanguage
public import ZKBench
internal import ZKShell

#if canImport(Glibc)
    internal import Glibc
#else
    internal import Darwin
#endif

/// `zoosh bench`: measures any server of ZooKeeper's protocol.
struct BenchCommand: ParsableArguments {
    static let abstract = "Measure the throughput and latency of a ZooKeeper server."
    static let discussion = """
        Keeps a fixed number of requests under way on each connection and reports how many were answered and how \
        long each took. What the server acknowledged is compared with what it holds afterwards.
        """

    @Argument(help: "What to measure: get, set, create, seq, ephemeral, exists, ls, mixed.")
    var operations: [BenchOperation] = [.get, .set, .create]

    @Option(name: .shortAndLong, help: ArgumentHelp("The server.", valueName: "host:port"))
    var server = "127.0.0.1:2181"

    @Option(name: .shortAndLong, help: "Connections, each with a session of its own.")
    var connections = 32

    @Option(name: [.customShort("w"), .long], help: "Requests under way on each connection.")
    var inFlight = 16

    @Option(name: .long, help: "Bytes of data in a znode.")
    var size = 100

    @Option(name: .shortAndLong, help: "Measured time, as 500ms, 10s or 2m.")
    var duration = BenchDuration(milliseconds: 10_000)

    @Option(name: .long, help: "Load before the measured time.")
    var warmup = BenchDuration(milliseconds: 2_000)

    @Option(name: [.customShort("n"), .long], help: "Stop after so many requests instead of after a time.")
    var count: Int?

    @Option(name: .long, help: "Znodes over which get, set, exists and mixed spread.")
    var keys = 1_000

    @Option(name: .long, help: "Event loops of the generator.")
    var threads = 1

    @Option(name: .long, help: "The parent of all that is created.")
    var root = "/zoosh-bench"

    @Flag(name: .long, help: "Leave the created znodes there.")
    var keep = false

    @Flag(name: .long, inversion: .prefixedNo, help: "Compare what the server holds with what it acknowledged.")
    var verify = true

    @Flag(name: .long, help: "One JSON object a line.")
    var json = false

    @Flag(name: .long, help: "Measure the generator itself, on a server that answers without looking.")
    var selfTest = false

    func validate() throws {
        if let problem = try options().problem { throw UsageError(problem) }
    }

    /// `zoosh bench`: has options of its own, which are not the shell's.
    ///
    /// - Throws: ``ShellError`` 2 for wrong options.
    static func run(_ words: [Word]) async throws -> ExitCode {
        let command: Self
        do {
            guard let parsed = try Self.parse(words) else {
                return try ShellMain.print(ProgramCommand.named("bench").helpText)
            }
            command = parsed
        } catch {
            throw ShellError.usage("bench: \(ShellError(error).message); `zoosh bench --help` lists the options")
        }
        return try await command.run()
    }

    private func run() async throws -> ExitCode {
        var options = try options()
        var canned: CannedServer?
        if selfTest {
            let server = try await CannedServer(valueBytes: size)
            (options.host, options.port, options.verifies) = ("127.0.0.1", server.port, false)
            canned = server
        }
        let showsProgress = isatty(STDERR_FILENO) == 1
        let runner = BenchRunner(options, progress: showsProgress ? Self.show : nil)
        if !json { print(BenchReport.textHeading) }
        do {
            try await runner.run { report in
                if showsProgress { Self.writeToStandardError("\r\u{1b}[K") }
                print(json ? report.json : report.textLine)
                fflush(nil)
            }
        } catch let error as BenchError {
            throw ShellError(.connection, "bench: \(error)")
        }
        try await canned?.shutdown()
        return .success
    }

    private func options() throws -> BenchOptions {
        var options = BenchOptions()
        (options.host, options.port) = try Self.hostAndPort(server)
        options.operations = operations
        options.connections = connections
        options.inFlight = inFlight
        options.valueBytes = size
        options.duration = duration.value
        options.warmup = warmup.value
        options.requestCount = count
        options.keyCount = keys
        options.eventLoops = threads
        options.root = root
        options.keepsZnodes = keep
        options.verifies = verify
        return options
    }

    private static func hostAndPort(_ text: String) throws -> (String, Int) {
        guard let colon = text.lastIndex(of: ":"), !text.hasSuffix("]"),
            text.first == "[" || text.firstIndex(of: ":") == colon
        else { return (text, 2181) }
        guard let port = Int(text[text.index(after: colon)...]), (1...65_535).contains(port) else {
            throw UsageError("'\(text)' is not HOST:PORT")
        }
        let host = text[..<colon]
        return (host.first == "[" ? String(host.dropFirst().dropLast()) : String(host), port)
    }

    private static func show(_ progress: BenchProgress) {
        let seconds = progress.elapsed.components.seconds
        let rate = Int(progress.requestsPerSecond.rounded())
        writeToStandardError("\r\u{1b}[K\(progress.operation.rawValue): \(seconds) s, \(rate) requests per second")
    }

    private static func writeToStandardError(_ text: String) {
        let bytes = Array(text.utf8)
        _ = write(STDERR_FILENO, bytes, bytes.count)
    }
}

extension BenchOperation: ShellValue {}

/// A time on the command line: a number with `ms`, `s` or `m`; milliseconds without a unit.
struct BenchDuration: ShellValue {
    let milliseconds: Int

    init(milliseconds: Int) {
        self.milliseconds = milliseconds
    }

    init?(argument: String) {
        let digits = argument.prefix { $0.isASCII && $0.isNumber }
        let factors = ["": 1, "ms": 1, "s": 1_000, "m": 60_000]
        guard let number = Int(digits), let factor = factors[String(argument.dropFirst(digits.count))],
            number <= 86_400_000
        else { return nil }
        milliseconds = number * factor
    }

    var value: Duration { .milliseconds(milliseconds) }

    var defaultValueDescription: String { milliseconds % 1_000 == 0 ? "\(milliseconds / 1_000)s" : "\(milliseconds)ms" }
}
