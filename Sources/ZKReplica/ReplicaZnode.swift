public import ZKCore
import ZKTree

/// A znode of a ``Replica``: as cheap as a number.
public struct ReplicaZnode: Sendable {
    let replica: Replica
    let index: UInt32

    private var znode: Znode { replica.tree.znode(index).pointee }

    /// Calls `body` with the bytes of the path, lent for the call.
    public func withPath<Value>(_ body: (UnsafeRawBufferPointer) throws -> Value) rethrows -> Value {
        try body(znode.path)
    }

    /// Calls `body` with the data, lent for the call; nil is null data.
    public func withData<Value>(_ body: (UnsafeRawBufferPointer?) throws -> Value) rethrows -> Value {
        try body(znode.data)
    }

    public var path: ZnodePath { ZnodePath(unchecked: String(decoding: znode.path, as: UTF8.self)) }
    public var name: String { String(decoding: znode.name, as: UTF8.self) }
    public var data: [UInt8]? { znode.data.map { [UInt8]($0) } }
    public var dataCount: Int { znode.dataCount }
    public var childCount: Int { Int(znode.childCount) }
    public var acl: [ACL] { replica.tree.acls.list(at: znode.acl) }
    /// The number that a snapshot names the ACL by.
    var aclID: Int64 { replica.tree.acls.id(at: znode.acl) }
    public var statPersisted: StatPersisted { znode.statPersisted }
    /// As a client sees it.
    public var stat: Stat {
        znode.statPersisted.stat(dataLength: Int32(dataCount), numChildren: Int32(childCount))
    }
    public var kind: EphemeralOwner { EphemeralOwner(rawValue: znode.ephemeralOwner) }

    /// The children, in no order.
    public var children: some Sequence<ReplicaZnode> {
        sequence(first: znode.firstChild) { [replica] in replica.tree.znode($0).pointee.nextSibling }
            .prefix { $0 != 0 }.lazy.map { [replica] in ReplicaZnode(replica: replica, index: $0) }
    }

    /// How many znodes are below this one.
    public var descendantCount: Int { replica.tree.descendantCount(of: index) }

    /// Calls `body` with this znode and all below it, each before its children.
    public func forEachAtOrBelow(_ body: (ReplicaZnode) throws -> Void) rethrows {
        var current = index
        while true {
            try body(ReplicaZnode(replica: replica, index: current))
            let first = replica.tree.znode(current).pointee.firstChild
            if first != 0 {
                current = first
                continue
            }
            while current != index, replica.tree.znode(current).pointee.nextSibling == 0 {
                current = replica.tree.znode(current).pointee.parent
            }
            if current == index { return }
            current = replica.tree.znode(current).pointee.nextSibling
        }
    }
}
