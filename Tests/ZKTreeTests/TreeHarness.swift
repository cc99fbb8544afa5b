import ZKCore

@testable import ZKTree

/// A tree with a client, for tests that make single requests.
final class TreeHarness {
    var tree: ZnodeTree
    var requester = Requester(identities: [ACLIdentity(scheme: "ip", id: "127.0.0.1")])
    var session: Int64 = 0x100
    var time: Int64 = 1_000_000

    init(_ configure: (inout TreeOptions) -> Void = { _ in }) {
        var options = TreeOptions()
        options.extendedTypesEnabled = true
        configure(&options)
        tree = ZnodeTree(options: options)
    }

    private func context() -> RequestContext {
        RequestContext(sessionID: session, cxid: 1, timeMillis: time, requester: requester)
    }

    func prepareCreate(
        _ path: String, data: [UInt8]? = [], type: OpCode = .create, flags: Int32 = 0, ttl: Int64 = -1,
        acl: [ACL] = .openUnsafe
    ) -> PreparedTxn {
        let path = Array(path.utf8)
        let encoded = acl.encodedBytes
        return path.withUnsafeBytes { path in
            encoded.withUnsafeBytes { encoded in
                Self.withOptionalBytes(data) { data in
                    tree.prepareCreate(
                        CreateArguments(
                            type: type, path: path, data: data, encodedACL: encoded, flags: flags, ttlMillis: ttl),
                        context())
                }
            }
        }
    }

    func prepareSetData(_ path: String, _ data: [UInt8]?, version: Int32 = -1) -> PreparedTxn {
        let path = Array(path.utf8)
        return path.withUnsafeBytes { path in
            Self.withOptionalBytes(data) { tree.prepareSetData(path: path, data: $0, version: version, context()) }
        }
    }

    func prepareDelete(_ path: String, version: Int32 = -1) -> PreparedTxn {
        let path = Array(path.utf8)
        return path.withUnsafeBytes { self.tree.prepareDelete(path: $0, version: version, context()) }
    }

    func prepareSetACL(_ path: String, _ acl: [ACL], version: Int32 = -1) -> PreparedTxn {
        let path = Array(path.utf8)
        let encoded = acl.encodedBytes
        return path.withUnsafeBytes { path in
            encoded.withUnsafeBytes { encoded in
                tree.prepareSetACL(path: path, encodedACL: encoded, list: { acl }, version: version, context())
            }
        }
    }

    func prepareCloseSession() -> PreparedTxn {
        tree.prepareCloseSession(context())
    }

    enum Part {
        case create(String)
        case delete(String)
        case setData(String, [UInt8])
        case check(String, Int32)
    }

    /// The bytes of a multi stay until it is prepared.
    func prepareMulti(_ parts: [Part]) -> PreparedTxn {
        var kept: [UnsafeMutableRawBufferPointer] = []
        func keep(_ bytes: [UInt8]) -> UnsafeRawBufferPointer {
            let copy = UnsafeMutableRawBufferPointer.allocate(byteCount: max(1, bytes.count), alignment: 1)
            copy.copyBytes(from: bytes)
            kept.append(copy)
            return UnsafeRawBufferPointer(rebasing: copy[..<bytes.count])
        }
        defer { for copy in kept { copy.deallocate() } }
        let acl = keep([ACL].openUnsafe.encodedBytes)
        let multi = parts.map { part -> MultiPart in
            switch part {
            case .create(let path):
                .create(
                    CreateArguments(
                        type: .create, path: keep(Array(path.utf8)), data: keep([]), encodedACL: acl, flags: 0,
                        ttlMillis: -1))
            case .delete(let path): .delete(path: keep(Array(path.utf8)), version: -1)
            case .setData(let path, let data): .setData(path: keep(Array(path.utf8)), data: keep(data), version: -1)
            case .check(let path, let version): .check(path: keep(Array(path.utf8)), version: version)
            }
        }
        return tree.prepareMulti(multi, context())
    }

    /// Prepares and applies, and gives the code.
    @discardableResult
    func create(
        _ path: String, data: [UInt8]? = [], type: OpCode = .create, flags: Int32 = 0, ttl: Int64 = -1,
        acl: [ACL] = .openUnsafe
    ) -> ErrorCode {
        apply(prepareCreate(path, data: data, type: type, flags: flags, ttl: ttl, acl: acl))
    }

    @discardableResult
    func apply(_ txn: PreparedTxn) -> ErrorCode {
        tree.apply(txn)
        return txn.type == .error ? txn.error : .ok
    }

    func stat(_ path: String) -> Stat? {
        let index = tree.findCommitted(path)
        guard index != 0 else { return nil }
        let znode = tree.znode(index)
        return znode.pointee.statPersisted.stat(
            dataLength: Int32(znode.pointee.dataCount), numChildren: Int32(bitPattern: znode.pointee.childCount))
    }

    func data(_ path: String) -> [UInt8]? {
        let index = tree.findCommitted(path)
        return index == 0 ? nil : tree.znode(index).pointee.data.map { Array($0) }
    }

    var changesInFlight: Int { tree.changes.count }

    func acl(_ path: String) -> [ACL] {
        tree.acls.list(at: tree.znode(tree.findCommitted(path)).pointee.acl)
    }

    func reapable(after millis: Int64, neverUsedMillisMax: Int64 = 0) -> [UString] {
        tree.reapable(nowMillis: time + millis, neverUsedMillisMax: neverUsedMillisMax)
    }

    func path(of txn: PreparedTxn) -> String {
        String(decoding: tree.znode(txn.znode).pointee.path, as: UTF8.self)
    }

    private static func withOptionalBytes<Result>(
        _ bytes: [UInt8]?, _ body: (UnsafeRawBufferPointer?) -> Result
    ) -> Result {
        guard let bytes else { return body(nil) }
        return bytes.withUnsafeBytes { body($0) }
    }
}
