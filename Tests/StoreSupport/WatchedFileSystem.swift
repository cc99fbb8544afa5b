public import ZKStore

/// The file system of the machine, where something happens before each sync of data, and the room is what a test says.
public final class WatchedFileSystem: FileSystem {
    public typealias BeforeSync = @Sendable (_ path: String) throws(StoreError) -> Void

    private let base = PosixFileSystem()
    private let beforeSync: BeforeSync
    private let freeBytes: (@Sendable () -> Int64)?

    /// - Parameter beforeSync: gets the path of the file. What it throws the sync throws, and is not done then.
    public init(beforeSync: @escaping BeforeSync) {
        freeBytes = nil
        self.beforeSync = beforeSync
    }

    /// - Parameter freeBytes: what the file system has left.
    public init(freeBytes: @escaping @Sendable () -> Int64) {
        self.freeBytes = freeBytes
        beforeSync = { _ in }
    }

    public func room(in directory: String) -> FileSystemRoom? {
        guard let freeBytes else { return base.room(in: directory) }
        return FileSystemRoom(device: 1, freeBytes: freeBytes())
    }

    public func open(_ path: String, for access: FileAccess) throws(StoreError) -> any OpenFile {
        WatchedFile(try base.open(path, for: access), beforeSync)
    }
    public func create(_ path: String) throws(StoreError) -> any OpenFile {
        WatchedFile(try base.create(path), beforeSync)
    }
    public func status(of path: String) throws(StoreError) -> FileStatus? { try base.status(of: path) }
    public func list(_ directory: String) throws(StoreError) -> [String] { try base.list(directory) }
    public func createDirectory(_ path: String) throws(StoreError) { try base.createDirectory(path) }
    public func rename(_ old: String, to new: String) throws(StoreError) { try base.rename(old, to: new) }
    public func unlink(_ path: String) throws(StoreError) { try base.unlink(path) }
    public func syncDirectory(_ path: String) throws(StoreError) { try base.syncDirectory(path) }
    public func lock(_ path: String) throws(StoreError) -> (any FileLock)? { try base.lock(path) }
}

private final class WatchedFile: OpenFile {
    private let file: any OpenFile
    private let beforeSync: WatchedFileSystem.BeforeSync

    init(_ file: any OpenFile, _ beforeSync: @escaping WatchedFileSystem.BeforeSync) {
        self.file = file
        self.beforeSync = beforeSync
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
        try beforeSync(path)
        try file.syncData()
    }
    func sync() throws(StoreError) { try file.sync() }
    func close() throws(StoreError) { try file.close() }
}
