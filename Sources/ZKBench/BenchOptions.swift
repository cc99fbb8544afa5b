/// What the load generator asks a server to do.
public enum BenchOperation: String, Sendable, CaseIterable {
    case get
    case set
    case create
    /// Creates sequential znodes.
    case seq
    /// Creates ephemeral znodes.
    case ephemeral
    case exists
    /// Lists a znode of ten children.
    case ls
    /// Eight gets and two sets in ten requests.
    case mixed

    /// Whether it leaves one znode for each acknowledged request.
    var createsZnodes: Bool { self == .create || self == .seq || self == .ephemeral }
}

/// How the load generator works.
public struct BenchOptions: Sendable {
    public var host = "127.0.0.1"
    public var port = 2181
    public var operations: [BenchOperation] = [.get, .set, .create]
    public var connections = 32
    /// Requests that a connection has under way at any time.
    public var inFlight = 16
    /// Bytes of data in each znode.
    public var valueBytes = 100
    public var duration: Duration = .seconds(10)
    /// Load before the measured time, for servers that warm up.
    public var warmup: Duration = .seconds(2)
    /// Stops after so many requests instead of after ``duration``; there is no warm-up then.
    public var requestCount: Int?
    /// Znodes over which get, set, exists and mixed spread.
    public var keyCount = 1_000
    public var eventLoops = 1
    /// The parent of everything that is created.
    public var root = "/zoosh-bench"
    /// Leaves the created znodes there.
    public var keepsZnodes = false
    /// Compares what the server holds at the end with what it acknowledged.
    public var verifies = true

    public init() {}

    /// Why these options make no sense; nil when they do.
    public var problem: String? {
        if connections < 1 || connections > 10_000 { return "--connections must be 1 to 10000" }
        if inFlight < 1 || inFlight > 65_536 { return "--in-flight must be 1 to 65536" }
        if valueBytes < 0 || valueBytes > 1_000_000 { return "--size must be 0 to 1000000" }
        if keyCount < 1 || keyCount > 1_000_000 { return "--keys must be 1 to 1000000" }
        if eventLoops < 1 || eventLoops > 64 { return "--threads must be 1 to 64" }
        if let requestCount, requestCount < 1 { return "--count must be at least 1" }
        if requestCount == nil, duration <= .zero { return "--duration must be positive" }
        if !root.hasPrefix("/") || root.count < 2 || root.hasSuffix("/") { return "--root must be a znode below /" }
        return nil
    }
}

/// The benchmark cannot go on.
public struct BenchError: Error, CustomStringConvertible {
    public let description: String

    public init(_ description: String) {
        self.description = description
    }

    static let closedByServer = "the server closed the connection"

    /// Whether the server hung up without a word.
    var isEarlyClose: Bool { description == Self.closedByServer }
}
