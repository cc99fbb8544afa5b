/// Why something could not be read from or written to the data directory.
///
/// The description is one line for people: what failed, in which file and where, and the way out.
public struct StoreError: Error, Hashable, Sendable {
    public enum Kind: Hashable, Sendable {
        /// A call of the operating system failed with this `errno`.
        case system(errno: Int32)
        /// A file does not hold what its format says. Never repaired by guessing.
        case damaged
        /// Txns are missing between two that are there.
        case gap
        /// Another server uses the directory.
        case inUse
        /// An earlier write or sync failed, so nothing more is accepted.
        case poisoned
        /// The directory cannot be used as it is configured.
        case unusable
    }

    public var kind: Kind
    /// The path of the file or directory.
    public var file: String
    /// The byte offset in the file, where there is one.
    public var offset: Int64?
    /// What is wrong, without the file name and offset.
    public var problem: String
    /// What to do about it.
    public var wayOut: String

    public init(kind: Kind, file: String, offset: Int64? = nil, problem: String, wayOut: String) {
        self.kind = kind
        self.file = file
        self.offset = offset
        self.problem = problem
        self.wayOut = wayOut
    }

    static func damaged(_ file: String, at offset: Int64? = nil, _ problem: String, wayOut: String) -> StoreError {
        StoreError(kind: .damaged, file: file, offset: offset, problem: problem, wayOut: wayOut)
    }
}

extension StoreError: CustomStringConvertible {
    public var description: String {
        let place = offset.map { "\(file), byte \($0)" } ?? file
        return "\(place): \(problem). \(wayOut)"
    }
}
