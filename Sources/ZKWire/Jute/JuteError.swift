/// Why bytes are not the record that was expected.
public enum JuteError: Error, Hashable, Sendable {
    /// The bytes end before the record does.
    case truncated
    /// A string or buffer has a length below -1 or above the limit.
    case unreasonableLength(Int32)
    /// A string or a record that must be there is null.
    case unexpectedNull
    /// A multi has an op of this type, which cannot stand there.
    case unexpectedType(Int32)
    /// What should be the name of a child is empty, `.` or `..`, or has a slash.
    case unusableName
}

extension JuteError: CustomStringConvertible {
    public var description: String {
        switch self {
        case .truncated: "the record ends too early"
        case .unusableName: "the name of a child leads elsewhere"
        case .unreasonableLength(let length): "unreasonable length \(length)"
        case .unexpectedNull: "a string is null that must not be"
        case .unexpectedType(let type): "a record of type \(type) cannot stand here"
        }
    }
}
