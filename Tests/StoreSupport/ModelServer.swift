import NIOCore
import Support
public import ZKCore
public import ZKStore

/// The part of a server that matters to the disk: recovery, a snapshot at the start, batches of txns each synced before
/// it is acknowledged, rolls and snapshots while writes go on, purges.
public final class ModelServer {
    public private(set) var tree = ModelTree()
    public let report: RecoveryReport
    private let directory: DataDirectory
    private let log: TxnLog
    private var generator: SeededGenerator
    private let onState: (ModelTree) -> Void

    /// Opens, recovers, and writes a snapshot, as a server does before it listens.
    ///
    /// - Parameter onState: called with each state that may be on the disk from then on.
    public init(
        disk: SimulatedDisk, seed: UInt64, onState: @escaping (ModelTree) -> Void = { _ in }
    ) throws(StoreError) {
        generator = SeededGenerator(seed: seed)
        self.onState = onState
        var options = DataDirectoryOptions(dataDirectory: "/var/zoosh")
        options.preallocationBytes = 6000
        directory = try DataDirectory.open(options, fileSystem: disk)
        report = try directory.recover(into: &tree)
        if report.snapshot == nil || report.txnsReplayed > 5 {
            try Self.writeSnapshot(of: tree, to: directory)
        }
        log = directory.makeLog()
    }

    /// Runs some batches with a roll, a snapshot and a purge between them.
    public func run(batches: Int, acknowledge: (Zxid) -> Void) throws(StoreError) {
        for batch in 1...batches {
            if batch % 3 == 0 { try rollWithSnapshot(acknowledge) }
            try runBatch(acknowledge)
        }
        try log.close()
        directory.close()
    }

    private func runBatch(_ acknowledge: (Zxid) -> Void) throws(StoreError) {
        var records = ByteBuffer()
        let first = tree.lastZxid.next
        for _ in 0...Int.random(in: 0...4, using: &generator) {
            let (header, txn) = nextTxn()
            TxnRecord.encode(header: header, txn: txn, digest: TxnDigest(treeDigest: 1), into: &records)
            do throws(RecoveryRefusal) { try tree.replay(header, txn, nil) } catch { preconditionFailure("\(error)") }
            onState(tree)
        }
        try log.append(records, firstZxid: first)
        try log.sync()
        acknowledge(tree.lastZxid)
    }

    private func nextTxn() -> (TxnHeader, Txn) {
        let path = UString("/n\(Int.random(in: 0..<6, using: &generator))")
        var data = [UInt8](repeating: 0, count: [0, 20, 700, 2500].randomElement(using: &generator)!)
        // Half of the values look like sectors that were never written.
        if Bool.random(using: &generator) { data = data.map { _ in UInt8.random(in: 0...255, using: &generator) } }
        let type: OpCode
        let txn: Txn
        switch (tree.znodes[path] != nil, Int.random(in: 0..<5, using: &generator)) {
        case (_, 0):
            (type, txn) = (.error, .error(.noNode))
        case (false, _):
            (type, txn) = (
                .create,
                .create(
                    CreateTxn(
                        path: path, data: data, acl: .openUnsafe, isEphemeral: false,
                        parentCVersion: tree.znodes["/"]!.stat.cversion + 1))
            )
        case (true, 1):
            (type, txn) = (.delete, .delete(path: path))
        case (true, _):
            (type, txn) = (.setData, .setData(path: path, data: data, version: tree.znodes[path]!.stat.version + 1))
        }
        let header = TxnHeader(
            clientID: 1, cxid: 1, zxid: tree.lastZxid.next, timeMillis: 1000 + tree.lastZxid.rawValue, type: type)
        return (header, txn)
    }

    /// Half of the znodes are those after more txns.
    private func rollWithSnapshot(_ acknowledge: (Zxid) -> Void) throws(StoreError) {
        try log.roll()
        let writer = try directory.makeSnapshotWriter(zxid: tree.lastZxid)
        try writer.write(sessions: tree.sessions.map { ($0.key, $0.value) })
        try writer.write(aclLists: [(id: 1 as Int64, acl: [ACL].readUnsafe)])
        let paths = tree.paths
        try writer.write(znodes: tree.encoded(paths.prefix(paths.count / 2)))
        try runBatch(acknowledge)
        try writer.write(znodes: tree.encoded(paths.suffix(from: paths.count / 2)))
        try writer.finish(trailers: SnapshotTrailers(lastProcessedZxid: tree.lastZxid))
        try directory.purge(keeping: 2)
    }

    private static func writeSnapshot(of tree: ModelTree, to directory: DataDirectory) throws(StoreError) {
        let writer = try directory.makeSnapshotWriter(zxid: tree.lastZxid)
        try writer.write(sessions: tree.sessions.map { ($0.key, $0.value) })
        try writer.write(aclLists: [(id: 1 as Int64, acl: [ACL].readUnsafe)])
        try writer.write(znodes: tree.encoded(tree.paths[...]))
        try writer.finish(trailers: SnapshotTrailers(lastProcessedZxid: tree.lastZxid))
    }
}

extension ModelTree {
    /// Parents first.
    fileprivate var paths: [UString] {
        znodes.keys.sorted { $0.bytes.lexicographicallyPrecedes($1.bytes) }
    }

    fileprivate func encoded(_ paths: ArraySlice<UString>) -> ByteBuffer {
        var buffer = ByteBuffer()
        for path in paths {
            guard let znode = znodes[path] else { continue }
            let name = path == "/" ? [] : path.bytes
            name.withUnsafeBytes { name in
                let aclID = znode.acl == .readUnsafe ? 1 : SnapshotFormat.openACLID
                if let data = znode.data {
                    data.withUnsafeBytes {
                        SnapshotFormat.encodeZnode(path: name, data: $0, aclID: aclID, stat: znode.stat, into: &buffer)
                    }
                } else {
                    SnapshotFormat.encodeZnode(path: name, data: nil, aclID: aclID, stat: znode.stat, into: &buffer)
                }
            }
        }
        return buffer
    }

    /// Whether a client could not tell the two apart.
    public func hasState(of other: ModelTree) -> Bool {
        lastZxid == other.lastZxid && sessions == other.sessions && znodes == other.znodes
    }
}
