public import ZKCore

/// Takes the elements of a snapshot in the order of the file.
public protocol SnapshotSink {
    /// Called first: about how many bytes of elements follow, to reserve room. More than that may come.
    mutating func begin(bytes: Int64)

    mutating func session(id: Int64, timeoutMillis: Int32)

    mutating func aclList(id: Int64, _ acl: [ACL])

    /// A znode. Its parent came before.
    ///
    /// - Parameters:
    ///   - path: "" for the root. Lent for the call only, as is `data`.
    ///   - aclID: of a list that came before, or ``SnapshotFormat/openACLID``.
    mutating func znode(
        path: UnsafeRawBufferPointer, data: UnsafeRawBufferPointer?, aclID: Int64, stat: StatPersisted
    ) throws(RecoveryRefusal)
}

extension SnapshotSink {
    public mutating func begin(bytes: Int64) {}
}

/// Why a sink does not take what it is given. Makes a snapshot invalid, and stops a replay.
public struct RecoveryRefusal: Error, Hashable, Sendable, CustomStringConvertible {
    public var reason: String

    public init(_ reason: String) {
        self.reason = reason
    }

    public var description: String { reason }
}
