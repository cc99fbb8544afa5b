public import ZKCore

/// Why a command failed: the line for stderr, and the exit status.
public struct ShellError: Error, Hashable, Sendable {
    public var status: ExitCode
    /// Starts with the path where there is one; names the cause and, where there is one, the remedy.
    public var message: String
    public var code: ErrorCode?
    public var path: ZnodePath?
    /// Whether only the status counts, since everything to be said was said.
    public var isSilent: Bool

    public init(
        _ status: ExitCode, _ message: String, code: ErrorCode? = nil, path: ZnodePath? = nil, isSilent: Bool = false
    ) {
        self.status = status
        self.message = message
        self.code = code
        self.path = path
        self.isSilent = isSilent
    }

    /// Ends the command with `status` and without a message.
    public static func silent(_ status: ExitCode) -> Self {
        Self(status, "", isSilent: true)
    }

    public static func usage(_ message: String) -> Self {
        Self(.usage, message)
    }
}

extension ShellError: CustomStringConvertible {
    public var description: String { message }
}
