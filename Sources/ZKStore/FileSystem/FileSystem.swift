/// The few calls of a file system that durable code needs, so that a test can stand a failing disk behind them.
///
/// What is written is durable only after ``OpenFile/sync()`` or ``OpenFile/syncData()`` of the file *and*, when the
/// name of the file is new, ``syncDirectory(_:)`` of its directory. Rename and unlink are durable after
/// ``syncDirectory(_:)``. Nothing else may be relied on.
public protocol FileSystem: Sendable {
    /// Opens a file that exists. `ENOENT` when there is none.
    func open(_ path: String, for access: FileAccess) throws(StoreError) -> any OpenFile

    /// Creates an empty file with mode 0600 and opens it for reading and writing. `EEXIST` when there is one.
    func create(_ path: String) throws(StoreError) -> any OpenFile

    /// Like ``create(_:)``, for a file that is written from the front to the back and synced after each write.
    func createLog(_ path: String) throws(StoreError) -> any OpenFile

    /// What stands at `path`; nil when nothing does.
    func status(of path: String) throws(StoreError) -> FileStatus?

    /// The names in a directory, in no order.
    func list(_ directory: String) throws(StoreError) -> [String]

    /// Creates a directory with mode 0700. Its parent must exist.
    func createDirectory(_ path: String) throws(StoreError)

    /// Gives the file at `old` the name `new`; a file that had it is replaced in the same step.
    func rename(_ old: String, to new: String) throws(StoreError)

    func unlink(_ path: String) throws(StoreError)

    /// Makes the creations, renames and unlinks in a directory durable.
    func syncDirectory(_ path: String) throws(StoreError)

    /// What can still be written below a directory; nil where that cannot be told.
    func room(in directory: String) -> FileSystemRoom?

    /// Locks a file, which is created when it is missing, until the result is released or the process dies.
    ///
    /// - Returns: nil when another process, or another lock of this one, holds it.
    func lock(_ path: String) throws(StoreError) -> (any FileLock)?
}

extension FileSystem {
    public func createLog(_ path: String) throws(StoreError) -> any OpenFile { try create(path) }

    public func room(in directory: String) -> FileSystemRoom? { nil }
}

public enum FileAccess: Sendable {
    case reading
    case readingAndWriting
}

public struct FileStatus: Hashable, Sendable {
    public var isDirectory: Bool
    public var bytes: Int64

    public init(isDirectory: Bool, bytes: Int64) {
        self.isDirectory = isDirectory
        self.bytes = bytes
    }
}

/// What a file system has left.
public struct FileSystemRoom: Hashable, Sendable {
    /// Tells file systems apart.
    public var device: UInt64
    /// What may still be written.
    public var freeBytes: Int64

    public init(device: UInt64, freeBytes: Int64) {
        self.device = device
        self.freeBytes = freeBytes
    }
}

/// A file that is open. Closed when it is released at the latest.
public protocol OpenFile: AnyObject, Sendable {
    var path: String { get }

    func size() throws(StoreError) -> Int64

    /// Fills `bytes` from `offset` on; returns fewer than asked for only at the end of the file.
    func read(into bytes: UnsafeMutableRawBufferPointer, at offset: Int64) throws(StoreError) -> Int

    /// Writes all of `bytes` at `offset`. After a throw any part of them may have been written.
    func write(_ bytes: UnsafeRawBufferPointer, at offset: Int64) throws(StoreError)

    /// Asks for room up to `size` and makes the file that long; the new bytes read as zeros. A file system that cannot
    /// do so, or has not so much room, leaves the file as it is: the write that needs the room will tell.
    func allocate(upTo size: Int64)

    func truncate(to size: Int64) throws(StoreError)

    /// Makes the content durable, and of the metadata what is needed to read it back.
    ///
    /// After a throw the state of the unsynced writes is unknown and cannot be found out by another sync.
    func syncData() throws(StoreError)

    /// Makes content and metadata durable.
    func sync() throws(StoreError)

    func close() throws(StoreError)
}

extension OpenFile {
    /// The whole content, for small files.
    public func readAll() throws(StoreError) -> [UInt8] {
        let size = Int(try size())
        var failure: StoreError?
        let bytes = [UInt8](unsafeUninitializedCapacity: size) { buffer, count in
            do throws(StoreError) {
                count = try read(into: UnsafeMutableRawBufferPointer(buffer), at: 0)
            } catch {
                failure = error
            }
        }
        if let failure { throw failure }
        return bytes
    }

    public func write(_ bytes: [UInt8], at offset: Int64) throws(StoreError) {
        // `withUnsafeBytes` does not carry typed errors.
        let result = bytes.withUnsafeBytes { raw in
            do throws(StoreError) {
                return Result<Void, StoreError>.success(try write(raw, at: offset))
            } catch {
                return .failure(error)
            }
        }
        try result.get()
    }
}

/// A lock on a file. Released when the object is.
public protocol FileLock: AnyObject, Sendable {
    /// Replaces the content of the lock file, which tells people who holds it.
    func write(_ text: String) throws(StoreError)
    func release()
}
