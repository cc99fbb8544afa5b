public import ZKCore

/// Which changes are asked for.
public struct ChangeScope: Sendable {
    /// Without a slash at the end; empty for the root.
    let path: [UInt8]
    private let search: ByteSearch
    /// Whether what is below the path is meant too.
    public var isRecursive: Bool
    /// Whether data and ACLs, before and after, are wanted.
    public var keepsContent = false
    /// Whether sessions that begin and end are wanted.
    public var includesSessions = false
    /// Whether refused requests are wanted.
    public var includesErrors = false

    public init(path: ZnodePath, isRecursive: Bool) {
        self.path = path.isRoot ? [] : Array(path.string.utf8)
        search = ByteSearch(path.isRoot ? [UInt8(ascii: "/")] : self.path)
        self.isRecursive = isRecursive
    }

    func contains(_ other: some Collection<UInt8>) -> Bool {
        guard other.count > path.count else { return other.count == path.count && other.elementsEqual(path) }
        if path.isEmpty, other.count == 1 { return true }
        guard isRecursive, other.starts(with: path) else { return false }
        return other.dropFirst(path.count).first == UInt8(ascii: "/")
    }

    /// Whether a record can be about the path, judged by its bytes alone: a record that has not those of the path cannot.
    func mayConcern(_ header: TxnHeader, _ payload: UnsafeRawBufferPointer) -> Bool {
        switch header.type {
        case .createSession: return includesSessions
        // What went with a session, its record may not say.
        case .closeSession: return true
        case .error: return includesErrors
        default: return path.isEmpty && isRecursive || search.isFound(in: payload)
        }
    }
}
