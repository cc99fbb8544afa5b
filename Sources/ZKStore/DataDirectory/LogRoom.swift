/// What must stay free where the log is: a snapshot saves time at a start, and without room for the log there is no server.
///
/// A snapshot that would take it fails before it has written anything, or as soon as it is found out.
struct LogRoom: Sendable {
    /// Some hours of a quiet server, some seconds of a busy one: time to make room.
    static let keptBytes: Int64 = 16 << 20

    private let fileSystem: any FileSystem
    private let directory: String

    /// - Returns: nil when the snapshots are on another file system than the log, or nothing can be known of it.
    init?(_ fileSystem: any FileSystem, snapshotDirectory: String, logDirectory: String) {
        guard let log = fileSystem.room(in: logDirectory),
            let snapshots = fileSystem.room(in: snapshotDirectory), log.device == snapshots.device
        else { return nil }
        self.fileSystem = fileSystem
        directory = snapshotDirectory
    }

    /// - Throws: the error of a full disk, when `bytes` more would leave less than is kept.
    func check(for bytes: Int64, of path: String) throws(StoreError) {
        guard let room = fileSystem.room(in: directory), room.freeBytes &- bytes < Self.keptBytes else { return }
        throw .full(
            path,
            "it needs about \(bytes >> 10) KiB more, \(room.freeBytes >> 10) KiB are free, and "
                + "\(Self.keptBytes >> 10) KiB are kept for the log")
    }
}
