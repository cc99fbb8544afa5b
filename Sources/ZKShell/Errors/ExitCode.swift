/// The exit statuses of commands. They are part of the interface: listed in the man page and tested.
public struct ExitCode: RawRepresentable, Hashable, Sendable {
    public var rawValue: Int32

    public init(rawValue: Int32) {
        self.rawValue = rawValue
    }

    public static let success = Self(rawValue: 0)
    /// The answer is no, the sides differ, or a ZooKeeper error without a status of its own.
    public static let failure = Self(rawValue: 1)
    public static let usage = Self(rawValue: 2)
    /// Cannot connect, connection lost, session expired, operation timeout.
    public static let connection = Self(rawValue: 3)
    public static let noNode = Self(rawValue: 4)
    public static let nodeExists = Self(rawValue: 5)
    public static let notEmpty = Self(rawValue: 6)
    public static let badVersion = Self(rawValue: 7)
    public static let noAuth = Self(rawValue: 8)
    /// A recursive command or one with several paths failed for some of them.
    public static let partialFailure = Self(rawValue: 9)
    /// Read-only mode, or the server refuses.
    public static let refused = Self(rawValue: 10)
    public static let corruptFile = Self(rawValue: 11)
    public static let localIO = Self(rawValue: 74)
    public static let lost = Self(rawValue: 75)
    public static let timeout = Self(rawValue: 124)
    public static let notExecutable = Self(rawValue: 126)
    public static let notFound = Self(rawValue: 127)
    public static let interrupted = Self(rawValue: 130)
    public static let brokenPipe = Self(rawValue: 141)

    /// Ended by a signal.
    public static func signal(_ number: Int32) -> Self { Self(rawValue: 128 + number) }
}
