#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#elseif canImport(Darwin)
    import Darwin
#endif

/// The file system of the machine.
public struct PosixFileSystem: FileSystem {
    public init() {}

    public func open(_ path: String, for access: FileAccess) throws(StoreError) -> any OpenFile {
        let flags = access == .reading ? O_RDONLY : O_RDWR
        // A pipe would hold up who opens it, until somebody writes to it.
        let descriptor = try openDescriptor(path, flags | O_NONBLOCK, doing: "cannot be opened")
        let file = PosixFile(path: path, descriptor: descriptor)
        guard try file.isRegular() else {
            throw StoreError(
                kind: .unusable, file: path, problem: "it is no regular file",
                wayOut: "Move it away if it does not belong there.")
        }
        return file
    }

    public func create(_ path: String) throws(StoreError) -> any OpenFile { try createFile(path) }

    public func createLog(_ path: String) throws(StoreError) -> any OpenFile {
        let file = try createFile(path)
        return DirectFile(file) ?? file
    }

    private func createFile(_ path: String) throws(StoreError) -> PosixFile {
        let flags = O_RDWR | O_CREAT | O_EXCL
        return PosixFile(path: path, descriptor: try openDescriptor(path, flags, doing: "cannot be created"))
    }

    public func status(of path: String) throws(StoreError) -> FileStatus? {
        var status = stat()
        guard retrying({ stat(path, &status) }) == 0 else {
            if errno == ENOENT || errno == ENOTDIR { return nil }
            throw .system(path, "cannot be examined")
        }
        return FileStatus(isDirectory: status.st_mode & S_IFMT == S_IFDIR, bytes: Int64(status.st_size))
    }

    public func room(in directory: String) -> FileSystemRoom? {
        var status = stat()
        var system = statvfs()
        guard retrying({ stat(directory, &status) }) == 0, retrying({ statvfs(directory, &system) }) == 0 else {
            return nil
        }
        let (bytes, overflow) = UInt64(system.f_bavail).multipliedReportingOverflow(by: UInt64(system.f_frsize))
        return FileSystemRoom(
            device: UInt64(truncatingIfNeeded: status.st_dev), freeBytes: overflow ? .max : Int64(clamping: bytes))
    }

    public func list(_ directory: String) throws(StoreError) -> [String] {
        guard let stream = opendir(directory) else { throw .system(directory, "cannot be listed") }
        defer { closedir(stream) }
        var names: [String] = []
        errno = 0
        while let entry = readdir(stream) {
            let name = withUnsafeBytes(of: &entry.pointee.d_name) { bytes in
                String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
            }
            if name != ".", name != ".." { names.append(name) }
            errno = 0
        }
        if errno != 0 { throw .system(directory, "cannot be listed") }
        return names
    }

    public func createDirectory(_ path: String) throws(StoreError) {
        guard mkdir(path, 0o700) == 0 else { throw .system(path, "cannot be created") }
    }

    public func rename(_ old: String, to new: String) throws(StoreError) {
        #if canImport(Glibc)
            let status = Glibc.rename(old, new)
        #elseif canImport(Musl)
            let status = Musl.rename(old, new)
        #else
            let status = Darwin.rename(old, new)
        #endif
        guard status == 0 else { throw .system(old, "cannot be renamed to \(new)") }
    }

    public func unlink(_ path: String) throws(StoreError) {
        #if canImport(Glibc)
            let status = Glibc.unlink(path)
        #elseif canImport(Musl)
            let status = Musl.unlink(path)
        #else
            let status = Darwin.unlink(path)
        #endif
        guard status == 0 else { throw .system(path, "cannot be removed") }
    }

    public func syncDirectory(_ path: String) throws(StoreError) {
        let descriptor = try openDescriptor(path, O_RDONLY | O_DIRECTORY, doing: "cannot be opened")
        defer { _ = close(descriptor) }
        guard retrying({ fsync(descriptor) }) == 0 else { throw .system(path, "the directory cannot be synced") }
    }

    public func lock(_ path: String) throws(StoreError) -> (any FileLock)? {
        let descriptor = try openDescriptor(path, O_RDWR | O_CREAT, doing: "cannot be opened")
        guard retrying({ flock(descriptor, LOCK_EX | LOCK_NB) }) == 0 else {
            let code = errno
            _ = close(descriptor)
            if code == EWOULDBLOCK { return nil }
            throw .system(path, errno: code, "cannot be locked")
        }
        return PosixFileLock(file: PosixFile(path: path, descriptor: descriptor))
    }

    private func openDescriptor(_ path: String, _ flags: Int32, doing failure: String) throws(StoreError) -> Int32 {
        let descriptor = retrying { openFile(path, flags | O_CLOEXEC, 0o600) }
        guard descriptor >= 0 else { throw .system(path, failure) }
        return descriptor
    }
}

/// An open file of the machine. The descriptor does not change until `close`, and all calls name their offset, so that
/// several threads may read; there is one writer.
final class PosixFile: OpenFile, @unchecked Sendable {
    let path: String
    /// -1 once closed.
    private var descriptor: Int32

    init(path: String, descriptor: Int32) {
        self.path = path
        self.descriptor = descriptor
    }

    deinit {
        if descriptor >= 0 { _ = closeFile(descriptor) }
    }

    func size() throws(StoreError) -> Int64 { Int64(try status().st_size) }

    func isRegular() throws(StoreError) -> Bool { try status().st_mode & S_IFMT == S_IFREG }

    private func status() throws(StoreError) -> stat {
        var status = stat()
        guard retrying({ fstat(descriptor, &status) }) == 0 else { throw .system(path, "cannot be examined") }
        return status
    }

    func read(into bytes: UnsafeMutableRawBufferPointer, at offset: Int64) throws(StoreError) -> Int {
        var done = 0
        while done < bytes.count {
            let count = pread(descriptor, bytes.baseAddress! + done, bytes.count - done, off_t(offset) + off_t(done))
            if count > 0 {
                done += count
            } else if count == 0 {
                break
            } else if errno != EINTR {
                throw .system(path, at: offset + Int64(done), "cannot be read")
            }
        }
        return done
    }

    func write(_ bytes: UnsafeRawBufferPointer, at offset: Int64) throws(StoreError) {
        var done = 0
        while done < bytes.count {
            let count = pwrite(descriptor, bytes.baseAddress! + done, bytes.count - done, off_t(offset) + off_t(done))
            if count > 0 {
                done += count
            } else if count == 0 {
                // Does not happen on a regular file; a loop must end all the same.
                throw .system(path, at: offset + Int64(done), errno: EIO, "cannot be written")
            } else if errno != EINTR {
                throw .system(path, at: offset + Int64(done), "cannot be written")
            }
        }
    }

    func allocate(upTo size: Int64) {
        var status = stat()
        guard fstat(descriptor, &status) == 0, Int64(status.st_size) < size else { return }
        #if os(Linux)
            _ = posix_fallocate(descriptor, status.st_size, off_t(size) - status.st_size)
        #endif
    }

    #if os(Linux)
        /// `O_DIRECT`, which the headers show only to programs that ask for the extensions of GNU.
        #if arch(arm64) || arch(arm)
            private static let direct: Int32 = 0o200000
        #elseif arch(powerpc64) || arch(powerpc64le)
            private static let direct: Int32 = 0o400000
        #else
            private static let direct: Int32 = 0o40000
        #endif
    #endif

    /// Whether reads and writes go past the page cache from now on. Returns false where that is not possible.
    func setDirect(_ isDirect: Bool) -> Bool {
        #if os(Linux)
            let flags = fcntl(descriptor, F_GETFL)
            guard flags >= 0 else { return false }
            return fcntl(descriptor, F_SETFL, isDirect ? flags | Self.direct : flags & ~Self.direct) == 0
        #else
            return false
        #endif
    }

    func truncate(to size: Int64) throws(StoreError) {
        guard retrying({ ftruncate(descriptor, off_t(size)) }) == 0 else {
            throw .system(path, at: size, "cannot be cut")
        }
    }

    func syncData() throws(StoreError) {
        #if os(Linux)
            let status = retrying { fdatasync(descriptor) }
        #else
            // fsync of Darwin leaves the data in the cache of the drive.
            let status = retrying { fcntl(descriptor, F_FULLFSYNC) }
        #endif
        guard status == 0 else { throw .system(path, "cannot be synced") }
    }

    func sync() throws(StoreError) {
        #if os(Linux)
            let status = retrying { fsync(descriptor) }
        #else
            let status = retrying { fcntl(descriptor, F_FULLFSYNC) }
        #endif
        guard status == 0 else { throw .system(path, "cannot be synced") }
    }

    func close() throws(StoreError) {
        guard descriptor >= 0 else { return }
        // The descriptor is gone even when close fails, EINTR included.
        let status = closeFile(descriptor)
        descriptor = -1
        guard status == 0 || errno == EINTR else { throw .system(path, "cannot be closed") }
    }
}

final class PosixFileLock: FileLock {
    private let file: PosixFile

    init(file: PosixFile) {
        self.file = file
    }

    func write(_ text: String) throws(StoreError) {
        try file.truncate(to: 0)
        try file.write(Array(text.utf8), at: 0)
    }

    func release() {
        // Closing the only descriptor drops the lock.
        try? file.close()
    }
}

// The methods above hide the functions of these names.
private func openFile(_ path: String, _ flags: Int32, _ mode: mode_t) -> Int32 { open(path, flags, mode) }
private func closeFile(_ descriptor: Int32) -> Int32 { close(descriptor) }

/// Calls again while a signal interrupts.
private func retrying(_ call: () -> Int32) -> Int32 {
    while true {
        let result = call()
        if result >= 0 || errno != EINTR { return result }
    }
}

extension StoreError {
    /// Whether a file was asked for that is not there.
    public var isMissingFile: Bool { kind == .system(errno: ENOENT) }

    /// A call that failed with `errno`.
    static func system(_ file: String, at offset: Int64? = nil, _ problem: String) -> StoreError {
        system(file, at: offset, errno: errno, problem)
    }

    /// A call that failed with `code`; the description has the text of the operating system.
    public static func system(_ file: String, at offset: Int64? = nil, errno code: Int32, _ problem: String)
        -> StoreError
    {
        StoreError(
            kind: .system(errno: code), file: file, offset: offset, problem: "\(problem) (\(text(of: code)))",
            wayOut: wayOut(of: code))
    }

    /// A file that is not written since the disk would be too full.
    static func full(_ file: String, _ problem: String) -> StoreError {
        StoreError(
            kind: .system(errno: ENOSPC), file: file, problem: problem,
            wayOut: "Make room on the disk. Without a snapshot nothing is lost, but a start takes longer.")
    }

    private static func text(of code: Int32) -> String {
        withUnsafeTemporaryAllocation(of: CChar.self, capacity: 256) { buffer in
            guard strerror_r(code, buffer.baseAddress!, buffer.count) == 0 else { return "errno \(code)" }
            return String(cString: buffer.baseAddress!)
        }
    }

    private static func wayOut(of code: Int32) -> String {
        switch code {
        case ENOSPC, EDQUOT: "Make room on the disk, then start again: nothing acknowledged is lost."
        case EFBIG: "Raise the limit for the size of files (ulimit -f), then start again: nothing acknowledged is lost."
        case EACCES, EPERM: "Check owner and mode of the file and of the directories above it."
        case EROFS: "The file system is mounted read-only; the kernel does so after errors of the disk."
        case EMFILE, ENFILE: "Raise the limit for open files (ulimit -n)."
        case EIO: "The disk fails; check the kernel's log, and replace it before starting again."
        case ENOENT: "Check the path."
        case EEXIST: "Move it away if it does not belong there."
        default: "Check the disk and the kernel's log."
        }
    }
}
