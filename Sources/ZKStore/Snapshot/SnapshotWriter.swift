public import NIOCore
public import ZKCore

/// Writes one snapshot, piece by piece while the tree goes on changing.
///
/// The file has a name that no server reads until ``finish(trailers:)``: then it is synced, gets its name, and the
/// directory is synced. A writer that is released before that, or failed, removes its file; what a process leaves that
/// dies, the next start removes. Used by one thread at a time.
public final class SnapshotWriter: @unchecked Sendable {
    /// The first part of the name keeps Apache ZooKeeper from reading it.
    static let temporaryPrefix = "tmp-snapshot."
    private static let pieceBytes = 1 << 20
    /// How much is written between two looks at what is free.
    private static let roomCheckBytes: Int64 = 4 << 20

    private enum Part {
        case sessions
        case aclLists
        case znodes
        case done
    }

    /// The last zxid that is whole in it.
    public let zxid: Zxid
    /// The path it gets.
    public let path: String

    private let fileSystem: any FileSystem
    private let directory: String
    private let temporaryPath: String
    private let file: any OpenFile
    private let packer: GzipPacker?
    private let room: LogRoom?
    private let onFinish: @Sendable () -> Void
    private var roomCheckedAt: Int64 = 0
    private var isNamed = false
    private var piece = ByteBuffer()
    private var checksum = Adler32()
    private var offset: Int64 = 0
    private var part = Part.sessions

    convenience init(
        fileSystem: any FileSystem, directory: String, zxid: Zxid, compression: SnapshotCompression,
        room: LogRoom? = nil, onFinish: @escaping @Sendable () -> Void
    ) throws(StoreError) {
        let name = StoreFileName.snapshot(zxid, compression)
        let temporaryName = Self.temporaryPrefix + name.dropFirst("snapshot.".count)
        try self.init(
            fileSystem: fileSystem, directory: directory, name: name, temporaryName: temporaryName, zxid: zxid,
            compression: compression, room: room, onFinish: onFinish)
    }

    /// A snapshot outside of a server's directory: with a name of the caller's, which it gets when it is whole.
    ///
    /// - Parameter path: a file that is there already is replaced. `.gz` at its end packs it.
    public convenience init(path: String, zxid: Zxid, fileSystem: any FileSystem) throws(StoreError) {
        let name = path.split(separator: "/").last.map(String.init) ?? path
        try self.init(
            fileSystem: fileSystem, directory: DataDirectory.parent(of: path), name: name,
            temporaryName: name + ".partial", zxid: zxid,
            compression: SnapshotCompression(fileName: name) == .gzip ? .gzip : .none, room: nil, onFinish: {})
    }

    private init(
        fileSystem: any FileSystem, directory: String, name: String, temporaryName: String, zxid: Zxid,
        compression: SnapshotCompression, room: LogRoom?, onFinish: @escaping @Sendable () -> Void
    ) throws(StoreError) {
        precondition(compression != .snappy, "snappy is only read")
        self.zxid = zxid
        path = DataDirectory.join(directory, name)
        temporaryPath = DataDirectory.join(directory, temporaryName)
        self.fileSystem = fileSystem
        self.directory = directory
        self.room = room
        self.onFinish = onFinish
        packer = compression == .gzip ? GzipPacker() : nil
        // A writer that failed on a disk that failed may have left its file.
        if try fileSystem.status(of: temporaryPath) != nil { try fileSystem.unlink(temporaryPath) }
        file = try fileSystem.create(temporaryPath)
        piece.writeBytes(SnapshotFormat.header)
    }

    deinit {
        guard !isNamed else { return }
        try? file.close()
        try? fileSystem.unlink(temporaryPath)
    }

    /// The bytes written so far, packed ones where they are packed.
    public var bytesWritten: Int64 { offset }

    /// All sessions. Once, first.
    public func write(sessions: some Collection<(id: Int64, timeoutMillis: Int32)>) throws(StoreError) {
        precondition(part == .sessions, "the sessions come first")
        part = .aclLists
        piece.writeInteger(Int32(sessions.count))
        for session in sessions {
            SnapshotFormat.encodeSession(id: session.id, timeoutMillis: session.timeoutMillis, into: &piece)
            try flush(above: Self.pieceBytes)
        }
    }

    /// All ACL lists that znodes name. Once, after the sessions.
    public func write(aclLists: some Collection<(id: Int64, acl: [ACL])>) throws(StoreError) {
        precondition(part == .aclLists, "the ACL lists come after the sessions")
        part = .znodes
        piece.writeInteger(Int32(aclLists.count))
        for list in aclLists {
            SnapshotFormat.encodeACLList(id: list.id, list.acl, into: &piece)
            try flush(above: Self.pieceBytes)
        }
    }

    /// Znodes that ``SnapshotFormat/encodeZnode(path:data:aclID:stat:into:)`` encoded, the root first and each after
    /// its parent. As often as there are.
    public func write(znodes: ByteBuffer) throws(StoreError) {
        precondition(part == .znodes, "the znodes come after the ACL lists")
        try flush(above: 0)
        try write(znodes)
    }

    /// Ends the snapshot and makes it durable under its name.
    public func finish(trailers: SnapshotTrailers) throws(StoreError) {
        precondition(part == .znodes, "the ACL lists and the znodes come before the end")
        part = .done
        piece.writeBytes(SnapshotFormat.rootMark)
        try seal()
        let digest = trailers.digest
        piece.writeMultipleIntegers(
            digest?.zxid.rawValue ?? 0, digest?.digest.version ?? 2, digest?.digest.treeDigest ?? 0)
        try seal()
        piece.writeInteger((trailers.lastProcessedZxid ?? zxid).rawValue)
        try seal()
        try write(ByteBuffer(), isLast: true)
        try file.sync()
        try file.close()
        try fileSystem.rename(temporaryPath, to: path)
        isNamed = true
        try fileSystem.syncDirectory(directory)
        onFinish()
    }

    private func seal() throws(StoreError) {
        try flush(above: 0)
        piece.writeInteger(UInt64(checksum.value))
        piece.writeBytes(SnapshotFormat.rootMark)
        try flush(above: 0)
    }

    private func flush(above limit: Int) throws(StoreError) {
        guard piece.readableBytes > limit else { return }
        try write(piece)
        piece.clear()
    }

    private func write(_ bytes: ByteBuffer, isLast: Bool = false) throws(StoreError) {
        let result = bytes.withUnsafeReadableBytes { raw in
            do throws(StoreError) {
                checksum.update(raw)
                if let packer {
                    try packer.pack(raw, isLast: isLast) { (packed) throws(StoreError) in try writeToFile(packed) }
                } else {
                    try writeToFile(raw)
                }
                return Result<Void, StoreError>.success(())
            } catch {
                return .failure(error)
            }
        }
        try result.get()
    }

    private func writeToFile(_ bytes: UnsafeRawBufferPointer) throws(StoreError) {
        guard !bytes.isEmpty else { return }
        if let room, offset + Int64(bytes.count) - roomCheckedAt >= Self.roomCheckBytes {
            try room.check(for: Int64(bytes.count) + Self.roomCheckBytes, of: temporaryPath)
            roomCheckedAt = offset
        }
        try file.write(bytes, at: offset)
        offset += Int64(bytes.count)
    }
}
