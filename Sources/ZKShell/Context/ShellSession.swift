internal import Synchronization
internal import ZKClient
public import ZKCore

/// What outlives one command: options, connection, working znode, status of the last command.
public final class ShellSession: Sendable {
    private struct State {
        var options: ShellOptions
        var workingPath = ZnodePath.root
        var previousWorkingPath: ZnodePath?
        var lastStatus = ExitCode.success
        var quitStatus: ExitCode?
        var isQuitStatusGiven = false
        var isOneShot = false
        var aliases: [String: CommandAlias] = [:]
        var pathStack: [ZnodePath] = []
        var transaction: OpenTransaction?
        var scriptDepth = 0
        var dryRun = DryRun()
    }

    public let connection: ShellConnection
    /// The files that stand in the place of a server; nil when there is one.
    public let offline: OfflineView?
    public let output: Output
    public let input: any InputSource
    public let diagnostics: Diagnostics
    /// Whether commands are typed at a prompt.
    public let isInteractive: Bool
    public let watchNotices: WatchNotices
    public let history = CommandHistory()
    private let state: Mutex<State>

    public init(
        options: ShellOptions, connection: ShellConnection, output: Output, input: any InputSource,
        diagnostics: Diagnostics, isInteractive: Bool = false
    ) {
        self.connection = connection
        offline = options.offline.map { OfflineView($0) }
        self.output = output
        self.input = input
        self.diagnostics = diagnostics
        self.isInteractive = isInteractive
        watchNotices = WatchNotices(
            diagnostics: diagnostics, output: options.isCompatible && !isInteractive ? output : nil,
            isCompatible: options.isCompatible)
        state = Mutex(State(options: options, aliases: options.aliases))
        // The prompt tells by itself what has become of the session, and who reads JSON wants nothing else.
        guard !isInteractive, !options.isCompatible, !options.isQuiet, options.output != .json else { return }
        connection.tellOfWaiting { diagnostics.writeLine("zoosh: \($0)") }
    }

    public var options: ShellOptions { state.withLock { $0.options } }

    public func updateOptions(_ body: (inout ShellOptions) -> Void) {
        let options = state.withLock { state in
            body(&state.options)
            return state.options
        }
        output.usesColor = options.usesColor(isTerminal: output.isTerminal)
    }

    public var workingPath: ZnodePath { state.withLock { $0.workingPath } }

    /// Where the shell was before the last ``changeWorkingPath(to:)``.
    public var previousWorkingPath: ZnodePath? { state.withLock { $0.previousWorkingPath } }

    public func changeWorkingPath(to path: ZnodePath) {
        state.withLock { state in
            state.previousWorkingPath = state.workingPath
            state.workingPath = path
        }
    }

    /// Where `popd` goes back to, the last one first.
    public var pathStack: [ZnodePath] {
        get { state.withLock { $0.pathStack } }
        set { state.withLock { $0.pathStack = newValue } }
    }

    /// The command came with the process's command line, and no other will follow.
    public var isOneShot: Bool {
        get { state.withLock { $0.isOneShot } }
        set { state.withLock { $0.isOneShot = newValue } }
    }

    /// The commands that the user has named.
    public var aliases: [String: CommandAlias] {
        get { state.withLock { $0.aliases } }
        set { state.withLock { $0.aliases = newValue } }
    }

    var dryRun: DryRun { state.withLock { $0.dryRun } }

    func noteDryRun(_ change: DryRun.Change) {
        state.withLock { $0.dryRun.note(change) }
    }

    /// Nil when `txn` was not given, or was ended.
    public var transaction: OpenTransaction? {
        get { state.withLock { $0.transaction } }
        set { state.withLock { $0.transaction = newValue } }
    }

    /// Adds an operation to the transaction that is open.
    func addToTransaction(_ op: MultiOp) {
        state.withLock { $0.transaction?.ops.append(op) }
    }

    /// Says that a line of the transaction that is open could not be taken.
    func noteTransactionMistake() {
        state.withLock { $0.transaction?.hasMistake = true }
    }

    /// Ends the session with the process, and says what it leaves behind.
    func end() async {
        if let rest = await connection.end() { diagnostics.writeLine("zoosh: warning: \(rest)") }
    }

    /// Runs `body` one level deeper in scripts that run scripts.
    ///
    /// - Throws: ``ShellError`` 2 when a script seems to run itself.
    func withDeeperScript<Value>(_ body: () async throws -> Value) async throws -> Value {
        let depth = state.withLock { state in
            state.scriptDepth += 1
            return state.scriptDepth
        }
        defer { state.withLock { $0.scriptDepth -= 1 } }
        guard depth <= Self.scriptDepthMax else {
            throw ShellError.usage("scripts run each other more than \(Self.scriptDepthMax) deep; does one run itself?")
        }
        return try await body()
    }

    private static let scriptDepthMax = 32

    public var lastStatus: ExitCode {
        get { state.withLock { $0.lastStatus } }
        set { state.withLock { $0.lastStatus = newValue } }
    }

    /// Set by `quit`: no further command runs.
    public var quitStatus: ExitCode? { state.withLock { $0.quitStatus } }

    /// The status that `exit` was given; nil when it was given none, and a script has that of its first failure.
    public var givenQuitStatus: ExitCode? { state.withLock { $0.isQuitStatusGiven ? $0.quitStatus : nil } }

    /// - Parameter status: nil for what the mode of the shell makes of it.
    public func quit(with status: ExitCode?) {
        state.withLock { state in
            state.quitStatus = status ?? .success
            state.isQuitStatusGiven = status != nil
        }
    }
}
