import Glibc
import Logging
import NIOCore
import ZKCore
import ZKStore
import ZKTree

/// The data directory of a running server: its log thread and its snapshots.
final class Persistence: @unchecked Sendable {
    let directory: DataDirectory
    let snapshotter: Snapshotter
    private(set) var logThread: LogThread?
    private var comparison: DigestComparison?
    /// Of the recovery; a later start would do no better.
    let report: RecoveryReport

    private init(directory: DataDirectory, report: RecoveryReport, logger: Logger) {
        self.directory = directory
        self.report = report
        snapshotter = Snapshotter(directory: directory, logger: logger)
    }

    private static func isSameDirectory(_ first: String, _ second: String) -> Bool {
        let (a, b) = (realpath(first, nil), realpath(second, nil))
        defer {
            free(a)
            free(b)
        }
        guard let a, let b else { return false }
        return strcmp(a, b) == 0
    }

    /// Opens the directory of a configuration and recovers what it holds.
    static func open(
        _ configuration: ServerConfiguration, path: String, treeOptions: TreeOptions
    ) throws -> (Persistence, TreeRecovery) {
        var options = DataDirectoryOptions(
            dataDirectory: path, dataLogDirectory: configuration.dataLogDirectory)
        // A link to the same directory is not a second one, and must not be locked as such.
        if let logPath = options.dataLogDirectory, isSameDirectory(logPath, path) { options.dataLogDirectory = nil }
        options.createsDirectories = configuration.createsDirectories
        options.preallocationBytes = Int64(configuration.preallocationBytes)
        options.trustsMissingSnapshot = configuration.trustsMissingSnapshot
        options.acceptsGapAfterSnapshot = configuration.acceptsGap
        options.snapshotCompression = configuration.compressesSnapshots ? .gzip : .none
        options.syncsLog = configuration.syncsLog
        let directory = try DataDirectory.open(options, fileSystem: configuration.fileSystem)
        do {
            var recovery = TreeRecovery(options: treeOptions)
            let report = try directory.recover(into: &recovery)
            guard report.lastZxid.epoch < Int32.max else {
                throw StoreError(
                    kind: .unusable, file: path, problem: "the last zxid is \(report.lastZxid), and few are above it",
                    wayOut: "No server counts so far: restore the directory from a backup.")
            }
            if !treeOptions.extendedTypesEnabled, let znode = recovery.znodeWithTTL {
                throw StoreError(
                    kind: .unusable, file: path, problem: "\(znode) has a TTL, and TTL znodes are switched off",
                    wayOut: "Start with --ttl, or with extendedTypesEnabled=true in the configuration file: without it "
                        + "they would be taken for ephemeral znodes without a session, and deleted.")
            }
            let logger = configuration.logger
            for notice in report.notices { logger.notice("\(notice)") }
            let persistence = Persistence(directory: directory, report: report, logger: logger)
            return (persistence, recovery)
        } catch {
            directory.close()
            throw error
        }
    }

    /// Starts the log. Without a snapshot to start from, the first one is written before.
    func start(_ core: ServerCore, onFailure: @escaping @Sendable (StoreError) -> Void) throws {
        let configuration = core.configuration
        if report.snapshot == nil { try snapshotter.write(core) }
        let thread = LogThread(
            log: directory.makeLog(),
            rollPolicy: RollPolicy(snapCount: configuration.snapCount, snapBytes: configuration.snapBytes),
            configuration: configuration,
            onRollDue: { [snapshotter] logBytes in snapshotter.start(core, logBytes: logBytes) }, onFailure: onFailure)
        try thread.start(core)
        logThread = thread
        core.log = thread
        comparison = DigestComparison(core)
        // As Apache does after every recovery; but the server need not wait for it.
        if report.snapshot != nil, report.txnsReplayed > 0 { snapshotter.start(core) }
    }

    /// Removes old files now and every so many hours, if the configuration says so.
    func schedulePurge(_ core: ServerCore, on loop: any EventLoop) {
        let configuration = core.configuration
        guard configuration.purgeHours > 0 else { return }
        loop.scheduleRepeatedTask(initialDelay: .zero, delay: .hours(Int64(configuration.purgeHours))) {
            [snapshotter] _ in
            // Not on the loop: it reads directories and unlinks files.
            _ = SystemThread { snapshotter.purge(keeping: max(3, configuration.snapshotsKept)) }
        }
    }

    /// Waits for the log and for a snapshot that is being written.
    func stop(_ core: ServerCore) {
        comparison?.stop()
        logThread?.stop(core)
        snapshotter.waitUntilDone()
        directory.close()
    }
}
