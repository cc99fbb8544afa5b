import Logging
import NIOCore
import Synchronization
import ZKCore
import ZKStore
import ZKTree

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// Writes snapshots on a thread of its own while the server goes on, one at a time, and purges old files.
final class Snapshotter: @unchecked Sendable {
    private let directory: DataDirectory
    private let logger: Logger
    private let isRunning = Mutex(false)
    /// Held while a snapshot is written: the tree hands out one at a time.
    private let writing = Mutex(())
    private var thread: SystemThread?

    /// Znodes handed out under one hold of the lock: some hundred microseconds.
    private static let znodesAtOnce = 2_000
    /// Bytes likewise.
    private static let bytesAtOnce = 512 << 10

    /// What the last snapshot was: `last_snapshot` of the admin server.
    struct Last: Sendable {
        var path: String
        var zxid: Zxid
        var wallMillis: Int64
        var bytes: Int64
    }

    let last = Mutex<Last?>(nil)

    init(directory: DataDirectory, logger: Logger) {
        self.directory = directory
        self.logger = logger
    }

    /// Starts a snapshot when the log since the last one has as many bytes as that one: the cost of snapshots is then in
    /// proportion to what is written, and a recovery reads no more log than snapshot. Returns whether it did.
    ///
    /// Apache takes one at each roll, which for a large tree is most of what it writes.
    func start(_ core: ServerCore, logBytes: Int64) -> Bool {
        guard logBytes >= last.withLock({ $0?.bytes ?? 0 }) else { return false }
        return start(core)
    }

    /// Starts a snapshot, unless one is being taken. Returns whether it did.
    @discardableResult
    func start(_ core: ServerCore) -> Bool {
        let mayStart = isRunning.withLock { running in
            defer { running = true }
            return !running
        }
        guard mayStart else { return false }
        thread?.join()
        thread = SystemThread {
            do throws(StoreError) {
                try self.write(core)
            } catch {
                // The log has everything: a snapshot that fails costs time at the next start, and nothing else.
                self.logger.error("a snapshot could not be written", metadata: ["error": "\(error)"])
            }
            self.isRunning.withLock { $0 = false }
        }
        guard thread != nil else {
            isRunning.withLock { $0 = false }
            logger.error("a snapshot could not be written", metadata: ["error": "\(StoreError.noThread)"])
            return false
        }
        return true
    }

    func waitUntilDone() {
        thread?.join()
        thread = nil
        // One that the admin server asked for.
        writing.withLock { _ in }
    }

    /// Takes a snapshot on a thread of its own, after one that is being taken, and hands it over there.
    func take(_ core: ServerCore, _ done: @escaping @Sendable (Result<Last, StoreError>) -> Void) {
        let thread = SystemThread {
            do throws(StoreError) {
                done(.success(try self.write(core)))
            } catch {
                done(.failure(error))
            }
        }
        if thread == nil { done(.failure(.noThread)) }
    }

    /// Writes a snapshot on the calling thread.
    @discardableResult
    func write(_ core: ServerCore) throws(StoreError) -> Last {
        try writing.withLock { (_) throws(StoreError) in try writeAlone(core) }
    }

    private func writeAlone(_ core: ServerCore) throws(StoreError) -> Last {
        let begin = core.lock.withExclusive {
            let tree = core.tree
            return (
                cursor: tree.pointee.beginSnapshot(), zxid: tree.pointee.lastProcessedZxid,
                sessions: tree.pointee.sessions.map { (id: $0.key, timeoutMillis: $0.value) },
                lists: tree.pointee.acls.listsInUse.map { (id: $0.id, acl: $0.list) },
                bytes: Int64(tree.pointee.snapshotBytes)
            )
        }
        let started = core.clock.millis
        let writer = try directory.makeSnapshotWriter(zxid: Zxid(rawValue: begin.zxid), bytes: begin.bytes)
        try writer.write(sessions: begin.sessions)
        try writer.write(aclLists: begin.lists)
        var cursor = begin.cursor
        var hasMore = true
        var piece = ByteBuffer()
        while hasMore {
            if piece.capacity > 4 << 20 { piece = ByteBuffer() } else { piece.clear() }
            core.lock.withExclusive {
                hasMore = core.tree.pointee.continueSnapshot(
                    &cursor, count: Self.znodesAtOnce, bytes: Self.bytesAtOnce
                ) { path, data, acl, stat in
                    SnapshotFormat.encodeZnode(path: path, data: data, aclID: acl, stat: stat, into: &piece)
                }
            }
            try writer.write(znodes: piece)
        }
        let end = core.lock.withShared {
            (zxid: Zxid(rawValue: core.tree.pointee.lastProcessedZxid), digest: core.tree.pointee.digest)
        }
        var trailers = SnapshotTrailers(lastProcessedZxid: end.zxid)
        if core.configuration.digestEnabled, end.zxid != .zero {
            trailers.digest = SnapshotTrailers.Digest(
                zxid: end.zxid, digest: TxnDigest(treeDigest: Int64(bitPattern: end.digest)))
        }
        try writer.finish(trailers: trailers)
        let written = Last(
            path: writer.path, zxid: Zxid(rawValue: begin.zxid), wallMillis: core.clock.wallMillis,
            bytes: writer.bytesWritten)
        last.withLock { $0 = written }
        logger.info(
            "snapshot written",
            metadata: [
                "file": "\(writer.path)", "bytes": "\(writer.bytesWritten)",
                "millis": "\(core.clock.millis - started)",
            ])
        return written
    }

    /// Removes what no recovery needs.
    func purge(keeping count: Int) {
        do throws(StoreError) {
            let gone = try directory.purge(keeping: count)
            if !gone.isEmpty { logger.info("old files removed", metadata: ["count": "\(gone.count)"]) }
        } catch {
            logger.error("old files could not be removed", metadata: ["error": "\(error)"])
        }
    }
}

extension StoreError {
    /// The system has no thread for a snapshot.
    static let noThread = StoreError.system(
        "snapshot", errno: EAGAIN, "no thread can be started for it: raise the limit for threads (ulimit -u)")
}
