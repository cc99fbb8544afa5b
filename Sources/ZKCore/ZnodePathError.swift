/// Why a string is not the path of a znode.
public struct ZnodePathError: Error, Hashable, Sendable {
    public enum Reason: Hashable, Sendable {
        case empty
        case relative
        case trailingSlash
        case emptyComponent
        case dotComponent
        case character(UInt32)
    }

    public let path: String
    public let reason: Reason

    public init(path: String, reason: Reason) {
        self.path = path
        self.reason = reason
    }
}

extension ZnodePathError: CustomStringConvertible {
    public var description: String {
        switch reason {
        case .empty: "a path must not be empty"
        case .relative: "\(path): a path must start with /"
        case .trailingSlash: "\(path): a path must not end with /"
        case .emptyComponent: "\(path): a path must not contain //"
        case .dotComponent: "\(path): a path must not have . or .. as a component"
        case .character(let value):
            "the path has the character U+\(String(value, radix: 16, uppercase: true)), which ZooKeeper does not allow"
        }
    }
}
