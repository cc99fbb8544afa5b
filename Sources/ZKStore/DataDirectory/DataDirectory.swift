// A data directory:
//
//     dataDir/
//         zoosh.lock                        locked while a server runs; holds its process ID
//         version-2/
//             snapshot.<zxid>[.gz|.snappy]  see SnapshotFormat.swift
//             tmp-snapshot.<zxid>           one that is being written
//     dataLogDir/                           the same directory unless configured otherwise
//         version-2/
//             log.<zxid>                    see TxnLog.swift
//             torn-log.<zxid>.<offset>      what was cut off behind the last record of a log
//
// Apache ZooKeeper ignores the names it does not know, so that it can take the directory over at any time. A quorum
// server adds `acceptedEpoch` and `currentEpoch` in version-2 and `myid` in dataDir, which are left alone here.

public import ZKCore

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#elseif canImport(Darwin)
    import Darwin
#endif

/// How a data directory is used. The names in backquotes are those of `zoo.cfg`.
public struct DataDirectoryOptions: Sendable {
    /// `dataDir`
    public var dataDirectory: String
    /// `dataLogDir`; nil for the same.
    public var dataLogDirectory: String?
    /// `datadir.autocreate`
    public var createsDirectories = true
    /// `preAllocSize`, in bytes; 0 turns it off.
    public var preallocationBytes: Int64 = 64 << 20
    /// `snapshot.trust.empty`: start from logs without any snapshot, as a server before 3.5.3 may leave them.
    public var trustsMissingSnapshot = false
    /// Start though txns are missing between the snapshot and the log, as Apache ZooKeeper does: without them.
    public var acceptsGapAfterSnapshot = false
    /// `snapshot.compression.method`: `.none` or `.gzip`.
    public var snapshotCompression = SnapshotCompression.none
    /// `forceSync`: false gives up what was written since the system last wrote by itself, when power is lost.
    public var syncsLog = true

    public init(dataDirectory: String, dataLogDirectory: String? = nil) {
        self.dataDirectory = dataDirectory
        self.dataLogDirectory = dataLogDirectory
    }
}

/// The directory that a server keeps its tree in. One server uses it at a time.
///
/// The order of calls: open, ``recover(into:)``, a first snapshot if there is none, then ``makeLog()``. Snapshots are
/// written and old files purged by one thread at a time, while another appends to the log.
public final class DataDirectory: @unchecked Sendable {
    static let lockName = "zoosh.lock"
    static let version = "version-2"

    public let options: DataDirectoryOptions
    let fileSystem: any FileSystem
    /// Where the snapshots are.
    public let snapshotDirectory: String
    /// Where the logs are.
    public let logDirectory: String
    /// False for a look at a directory that belongs to somebody else.
    let isWritable: Bool
    private let locks: [any FileLock]
    /// Whether a restart would find a snapshot; written by the thread that writes snapshots.
    private let hasSnapshot = Flag()

    private init(
        options: DataDirectoryOptions, fileSystem: any FileSystem, isWritable: Bool, locks: [any FileLock]
    ) {
        self.options = options
        self.fileSystem = fileSystem
        self.isWritable = isWritable
        self.locks = locks
        snapshotDirectory = Self.join(options.dataDirectory, Self.version)
        logDirectory = Self.join(options.dataLogDirectory ?? options.dataDirectory, Self.version)
    }

    /// Opens a directory for a server: creates what is missing, locks it, and removes what an interrupted snapshot left.
    ///
    /// - Throws: `inUse` when a server has it.
    public static func open(
        _ options: DataDirectoryOptions, fileSystem: any FileSystem = PosixFileSystem()
    ) throws(StoreError) -> DataDirectory {
        var options = options
        // Another spelling of the same directory must not be locked twice.
        options.dataDirectory = tidied(options.dataDirectory)
        options.dataLogDirectory = options.dataLogDirectory.map(tidied)
        var locks: [any FileLock] = []
        for path in Set([options.dataDirectory, options.dataLogDirectory ?? options.dataDirectory]).sorted() {
            try makeDirectory(path, options, fileSystem)
            locks.append(try lock(path, fileSystem))
            try makeDirectory(join(path, version), options, fileSystem)
            try makeNamesDurable(of: join(path, version), fileSystem)
        }
        let directory = DataDirectory(options: options, fileSystem: fileSystem, isWritable: true, locks: locks)
        try directory.checkContent()
        try directory.removeUnfinishedSnapshots()
        return directory
    }

    /// Opens a directory to look at it: without a lock, without any write. A server may be running on it; then the end
    /// of the log may look torn.
    public static func openReadOnly(
        _ options: DataDirectoryOptions, fileSystem: any FileSystem = PosixFileSystem()
    ) throws(StoreError) -> DataDirectory {
        let directory = DataDirectory(options: options, fileSystem: fileSystem, isWritable: false, locks: [])
        for path in [directory.snapshotDirectory, directory.logDirectory] {
            guard try fileSystem.status(of: path)?.isDirectory == true else {
                throw StoreError(
                    kind: .unusable, file: path, problem: "there is no such directory",
                    wayOut: "Name the data directory of a ZooKeeper server: the one that has version-2 in it.")
            }
        }
        return directory
    }

    /// The log to append to after ``recover(into:)``.
    ///
    /// - Precondition: a snapshot is there. Txns without one to start from cannot be recovered, and Apache ZooKeeper
    ///   refuses them.
    public func makeLog() -> TxnLog {
        precondition(isWritable, "the directory is only looked at")
        precondition(hasSnapshot.isSet, "the first snapshot is written before the first txn")
        return TxnLog(
            fileSystem: fileSystem, directory: logDirectory, preallocationBytes: options.preallocationBytes,
            syncs: options.syncsLog)
    }

    /// A writer for the snapshot whose last whole txn is `zxid`.
    ///
    /// - Parameter bytes: about how long it will be. Where it leaves no room for the log it fails, unless it is the first:
    ///   without one there can be no log.
    public func makeSnapshotWriter(zxid: Zxid, bytes: Int64 = 0) throws(StoreError) -> SnapshotWriter {
        precondition(isWritable, "the directory is only looked at")
        let room =
            hasSnapshot.isSet
            ? LogRoom(fileSystem, snapshotDirectory: snapshotDirectory, logDirectory: logDirectory) : nil
        let estimate = options.snapshotCompression == .none ? bytes : 0
        try room?.check(for: estimate, of: "\(snapshotDirectory)/\(StoreFileName.snapshot(zxid))")
        return try SnapshotWriter(
            fileSystem: fileSystem, directory: snapshotDirectory, zxid: zxid,
            compression: options.snapshotCompression, room: room, onFinish: { [hasSnapshot] in hasSnapshot.set() })
    }

    /// Unlocks the directory. Logs and writers made by it must be closed.
    public func close() {
        for lock in locks { lock.release() }
    }

    func noteSnapshot() {
        hasSnapshot.set()
    }

    /// The logs or snapshots, in the order of their zxids; of equal ones that with the plain name first.
    func files(_ kind: StoreFileName.Kind) throws(StoreError) -> [StoreFileName] {
        try fileSystem.list(kind == .log ? logDirectory : snapshotDirectory)
            .compactMap { StoreFileName($0) }
            .filter { $0.kind == kind }
            .sorted { ($0.zxid, $0.name.utf8.count, $0.name) < ($1.zxid, $1.name.utf8.count, $1.name) }
    }

    /// Without empty parts and those that are a dot.
    static func tidied(_ path: String) -> String {
        let parts = path.split(separator: "/").filter { $0 != "." }
        let joined = parts.joined(separator: "/")
        return path.hasPrefix("/") ? "/" + joined : joined.isEmpty ? "." : joined
    }

    static func join(_ directory: String, _ name: String) -> String {
        directory.hasSuffix("/") ? directory + name : "\(directory)/\(name)"
    }

    /// Source: `FileTxnSnapLog.checkLogDir`, `checkSnapDir`.
    private func checkContent() throws(StoreError) {
        guard snapshotDirectory != logDirectory else { return }
        for (directory, kind) in [(snapshotDirectory, StoreFileName.Kind.log), (logDirectory, .snapshot)] {
            guard let name = try fileSystem.list(directory).first(where: { StoreFileName($0)?.kind == kind }) else {
                continue
            }
            throw StoreError(
                kind: .unusable, file: "\(directory)/\(name)",
                problem: "a \(kind.rawValue) is in the wrong directory, as dataLogDir is set",
                wayOut: "Move all files log.* to \(logDirectory) and all files snapshot.* to \(snapshotDirectory).")
        }
    }

    private func removeUnfinishedSnapshots() throws(StoreError) {
        let names = try fileSystem.list(snapshotDirectory).filter { $0.hasPrefix(SnapshotWriter.temporaryPrefix) }
        for name in names {
            try fileSystem.unlink("\(snapshotDirectory)/\(name)")
        }
    }

    /// Syncs the directories that hold a name of `path`: a start that made them may have been stopped before it did.
    private static func makeNamesDurable(of path: String, _ fileSystem: any FileSystem) throws(StoreError) {
        var child = path
        while true {
            let parent = parent(of: child)
            guard parent != child else { return }
            do throws(StoreError) {
                try fileSystem.syncDirectory(parent)
            } catch {
                // Above its own directory a server may have no rights, and then has made nothing there.
                guard case .system(let code) = error.kind, [EACCES, EPERM, EROFS, EINVAL].contains(code) else {
                    throw error
                }
            }
            child = parent
        }
    }

    /// Creates the directories of `path` that are missing. Their names are not durable yet.
    private static func makeDirectory(
        _ path: String, _ options: DataDirectoryOptions, _ fileSystem: any FileSystem
    ) throws(StoreError) {
        if let status = try fileSystem.status(of: path) {
            guard status.isDirectory else {
                throw StoreError(
                    kind: .unusable, file: path, problem: "it is not a directory", wayOut: "Choose another dataDir.")
            }
            return
        }
        guard options.createsDirectories else {
            throw StoreError(
                kind: .unusable, file: path, problem: "there is no such directory",
                wayOut: "Create it, or set datadir.autocreate=true in the configuration file.")
        }
        let parent = parent(of: path)
        try makeDirectory(parent, options, fileSystem)
        try fileSystem.createDirectory(path)
    }

    static func parent(of path: String) -> String {
        let parts = path.split(separator: "/")
        let parent = parts.dropLast().joined(separator: "/")
        if path.hasPrefix("/") { return "/" + parent }
        return parent.isEmpty ? "." : parent
    }

    private static func lock(_ path: String, _ fileSystem: any FileSystem) throws(StoreError) -> any FileLock {
        let lockPath = join(path, lockName)
        if let lock = try fileSystem.lock(lockPath) {
            try lock.write("\(getpid())\n")
            return lock
        }
        let owner = try String(decoding: fileSystem.open(lockPath, for: .reading).readAll().prefix(20), as: UTF8.self)
        let process = owner.split(separator: "\n").first.map { "process \($0)" } ?? "another process"
        throw StoreError(
            kind: .inUse, file: path, problem: "\(process) uses this data directory",
            wayOut: "Stop it, or choose another data directory.")
    }
}
