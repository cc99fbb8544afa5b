import Synchronization
import ZKStore

/// The file system of the machine, whose n-th sync of data fails, once.
final class FaultyFileSystem: FileSystem {
    private let base = PosixFileSystem()
    private let failingSync: Int
    private let errno: Int32
    private let syncs = Mutex(0)

    init(failingSync: Int, errno: Int32) {
        self.failingSync = failingSync
        self.errno = errno
    }

    var syncCount: Int { syncs.withLock { $0 } }

    fileprivate func countSync(of path: String) throws(StoreError) {
        let count = syncs.withLock { count in
            count += 1
            return count
        }
        if count == failingSync { throw .system(path, errno: errno, "cannot be synced") }
    }

    func open(_ path: String, for access: FileAccess) throws(StoreError) -> any OpenFile {
        Watched(try base.open(path, for: access), self)
    }
    func create(_ path: String) throws(StoreError) -> any OpenFile { Watched(try base.create(path), self) }
    func status(of path: String) throws(StoreError) -> FileStatus? { try base.status(of: path) }
    func list(_ directory: String) throws(StoreError) -> [String] { try base.list(directory) }
    func createDirectory(_ path: String) throws(StoreError) { try base.createDirectory(path) }
    func rename(_ old: String, to new: String) throws(StoreError) { try base.rename(old, to: new) }
    func unlink(_ path: String) throws(StoreError) { try base.unlink(path) }
    func syncDirectory(_ path: String) throws(StoreError) { try base.syncDirectory(path) }
    func lock(_ path: String) throws(StoreError) -> (any FileLock)? { try base.lock(path) }

    private final class Watched: OpenFile {
        let file: any OpenFile
        let owner: FaultyFileSystem

        init(_ file: any OpenFile, _ owner: FaultyFileSystem) {
            self.file = file
            self.owner = owner
        }

        var path: String { file.path }
        func size() throws(StoreError) -> Int64 { try file.size() }
        func read(into bytes: UnsafeMutableRawBufferPointer, at offset: Int64) throws(StoreError) -> Int {
            try file.read(into: bytes, at: offset)
        }
        func write(_ bytes: UnsafeRawBufferPointer, at offset: Int64) throws(StoreError) {
            try file.write(bytes, at: offset)
        }
        func allocate(upTo size: Int64) { file.allocate(upTo: size) }
        func truncate(to size: Int64) throws(StoreError) { try file.truncate(to: size) }
        func syncData() throws(StoreError) {
            try owner.countSync(of: path)
            try file.syncData()
        }
        func sync() throws(StoreError) { try file.sync() }
        func close() throws(StoreError) { try file.close() }
    }
}
