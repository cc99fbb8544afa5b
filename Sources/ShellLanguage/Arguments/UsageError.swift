/// A command line that cannot be run as it is written. Exit status 2.
public struct UsageError: Error, Hashable, Sendable {
    public var message: String

    public init(_ message: String) {
        self.message = message
    }
}

extension UsageError: CustomStringConvertible {
    public var description: String { message }
}
