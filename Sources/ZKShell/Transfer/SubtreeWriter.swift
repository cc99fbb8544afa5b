internal import Synchronization
internal import ZKClient
internal import ZKCore

/// Writes records to a server, parents first.
struct SubtreeWriter: ~Copyable {
    /// What becomes of znodes that exist already.
    enum Existing: Sendable {
        /// They are failures.
        case fail
        /// They stay as they are.
        case keep
        /// They get the data of the record, when it differs.
        case overwrite
    }

    /// What was done, or would be.
    struct Summary: Sendable, Hashable {
        var created = 0
        var changed = 0
        var unchanged = 0

        var total: Int { created + changed + unchanged }
    }

    private let client: ZooKeeperClient
    private let existing: Existing
    private let isDryRun: Bool
    private let shell: ShellContext
    private var bulk: BulkWriter
    private(set) var summary = Summary()

    private static let lookupMax = 48

    init(
        to client: ZooKeeperClient, existing: Existing, batchSize: Int = 500, requestsMax: Int = 6,
        isDryRun: Bool = false,
        in shell: ShellContext
    ) {
        self.client = client
        self.existing = existing
        self.isDryRun = isDryRun
        self.shell = shell
        let failures = Failures()
        noted = failures
        bulk = BulkWriter(client: client, opsMax: batchSize, requestsMax: requestsMax) { op, error in
            // Somebody else was faster with a znode that may exist, or with deleting one that was to be changed.
            if error.code == .nodeExists && existing == .keep { return }
            if error.code == .nodeExists, existing == .overwrite, case .create(let path, let data, _, _, _) = op {
                try await client.setData(path, data: data)
                return
            }
            failures.note(error, in: shell)
        }
    }

    private let noted: Failures

    private final class Failures: Sendable {
        private let tally = Mutex(FailureTally())

        func note(_ error: any Error, in shell: ShellContext) {
            tally.withLock { $0.note(error, in: shell) }
        }

        var current: FailureTally { tally.withLock { $0 } }
    }

    /// Writes `records`, whose paths are those of the target.
    mutating func write(_ records: [ZnodeRecord]) async throws {
        guard existing != .fail || isDryRun else {
            for record in records { try await create(record) }
            return
        }
        var start = 0
        while start < records.count {
            let batch = Array(records[start..<min(start + Self.lookupMax, records.count)])
            try await writeLookingFirst(batch)
            start += batch.count
        }
    }

    private mutating func writeLookingFirst(_ records: [ZnodeRecord]) async throws {
        for (record, present) in zip(records, try await client.data(of: records.map(\.path))) {
            switch present {
            case .failure(let error) where error.code == .noNode: try await create(record)
            case .failure(let error): noted.note(error, in: shell)
            case .success(let znode):
                if existing == .fail {
                    noted.note(
                        ShellError(.nodeExists, "\(record.path): node already exists", path: record.path), in: shell)
                } else {
                    try await change(record, from: znode)
                }
            }
        }
    }

    private mutating func create(_ record: ZnodeRecord) async throws {
        summary.created += 1
        guard !isDryRun else { return }
        try await bulk.add(.create(record.path, data: record.data, acl: record.acl ?? .openUnsafe))
    }

    private mutating func change(_ record: ZnodeRecord, from present: ZnodeData) async throws {
        guard existing == .overwrite, record.data != present.data else {
            summary.unchanged += 1
            return try await changeACL(of: record)
        }
        summary.changed += 1
        guard !isDryRun else { return }
        try await bulk.add(.setData(record.path, data: record.data))
        try await changeACL(of: record)
    }

    /// A multi cannot do that.
    private func changeACL(of record: ZnodeRecord) async throws {
        guard existing == .overwrite, !isDryRun, let acl = record.acl, !record.path.isRoot else { return }
        do {
            guard try await client.getACL(record.path).acl != acl else { return }
            try await client.setACL(record.path, acl: acl)
        } catch let error as ZooKeeperError where ExitCode(error.code) != .connection {
            noted.note(error, in: shell)
        }
    }

    /// Waits until all is written.
    ///
    /// - Throws: ``ShellError`` 9 when some of it could not be.
    mutating func finish() async throws {
        try await bulk.finish()
        try noted.current.finish(of: summary.total)
    }

    /// Failures so far.
    var failureCount: Int { noted.current.count }
}
