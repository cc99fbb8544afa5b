internal import Synchronization
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
    }

    public let connection: ShellConnection
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
        self.output = output
        self.input = input
        self.diagnostics = diagnostics
        self.isInteractive = isInteractive
        watchNotices = WatchNotices(diagnostics: diagnostics, isCompatible: options.isCompatible)
        state = Mutex(State(options: options))
    }

    public var options: ShellOptions { state.withLock { $0.options } }

    public func updateOptions(_ body: (inout ShellOptions) -> Void) {
        state.withLock { body(&$0.options) }
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
