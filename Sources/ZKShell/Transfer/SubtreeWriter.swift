internal import Synchronization
internal import ZKClient
internal import ZKCore

/// Writes records to a server, parents first.
///
/// A znode whose ACL may forbid creates to this session has one entry more until its children are there, and a znode
/// that was used for sequential children gets its count of creates before them.
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
    private let report: WorkReport
    private var bulk: BulkWriter
    private(set) var summary = Summary()
    private let noted: Failures
    private let raise: SequenceRaise
    /// Nil until it is needed.
    private var builder: ACL??
    /// ACLs that are set when all children are there.
    private var lateACLs: [(path: ZnodePath, acl: [ACL])] = []
    /// ACLs of znodes that existed, which are set when they differ.
    private var comparedACLs: [(path: ZnodePath, acl: [ACL])] = []
    /// The counts of creates that the written znodes must have.
    private var counters: [(path: ZnodePath, counter: SequenceCounter)] = []

    private static let requestsMax = 256

    init(
        to client: ZooKeeperClient, existing: Existing, batchSize: Int = 500, requestsMax: Int = 6,
        isDryRun: Bool = false, report: WorkReport
    ) {
        self.client = client
        self.existing = existing
        self.isDryRun = isDryRun
        self.report = report
        let failures = Failures(report)
        noted = failures
        let raise = SequenceRaise(opsMax: batchSize)
        self.raise = raise
        bulk = BulkWriter(client: client, opsMax: batchSize, requestsMax: requestsMax) { op, error in
            // Looked at again when everything is there.
            if op.path.name == raise.childName { return }
            // Somebody else was faster with a znode that may exist, or with deleting one that was to be changed.
            if error.code == .nodeExists && existing == .keep { return }
            if error.code == .nodeExists, existing == .overwrite, case .create(let path, let data, _, _, _) = op {
                try await client.setData(path, data: data)
                return
            }
            failures.note(error)
        }
    }

    private final class Failures: Sendable {
        private let report: WorkReport
        private let tally = Mutex(FailureTally())

        init(_ report: WorkReport) {
            self.report = report
        }

        func note(_ error: any Error) {
            tally.withLock { $0.note(error, to: report) }
        }

        var current: FailureTally { tally.withLock { $0 } }
    }

    /// Writes `records`, whose paths are those of the target.
    mutating func write(_ records: [ZnodeRecord]) async throws {
        var writable: [ZnodeRecord] = []
        for record in records {
            if record.path.isSystem {
                noted.note(
                    ShellError(
                        .refused, "\(record.path): what is there belongs to the server, and may keep it from starting",
                        path: record.path))
            } else {
                writable.append(record)
            }
        }
        guard existing != .fail || isDryRun else {
            for record in writable { try await create(record) }
            return
        }
        var start = 0
        while start < writable.count {
            let rest = writable[start...]
            let batch = Array(
                rest.prefix(SubtreeWalk.batchSize(for: rest.lazy.map { $0.data?.count ?? 0 }, on: client)))
            try await writeLookingFirst(batch)
            start += batch.count
        }
    }

    private mutating func writeLookingFirst(_ records: [ZnodeRecord]) async throws {
        for (record, present) in zip(records, try await client.data(of: records.map(\.path))) {
            switch present {
            case .failure(let error) where error.code == .noNode: try await create(record)
            case .failure(let error): noted.note(error)
            case .success(let znode):
                if existing == .fail {
                    noted.note(ShellError(.nodeExists, "\(record.path): node already exists", path: record.path))
                } else {
                    try await change(record, from: znode)
                }
            }
        }
    }

    private mutating func create(_ record: ZnodeRecord) async throws {
        summary.created += 1
        guard !isDryRun else { return }
        let acl = try await firstACL(of: record)
        try await bulk.add(.create(record.path, data: record.data, acl: acl))
        try await prepareCounter(of: record, present: 0)
    }

    private mutating func change(_ record: ZnodeRecord, from present: ZnodeData) async throws {
        if existing == .overwrite, record.data != present.data {
            summary.changed += 1
            if !isDryRun { try await bulk.add(.setData(record.path, data: record.data)) }
        } else {
            summary.unchanged += 1
        }
        guard !isDryRun else { return }
        if existing == .overwrite, let acl = record.acl, !record.path.isRoot { comparedACLs.append((record.path, acl)) }
        if case .count(let count) = SequenceCounter(present.stat) {
            try await prepareCounter(of: record, present: count)
        }
    }

    // MARK: ACLs

    /// The ACL that lets this session create the children of the record.
    private mutating func firstACL(of record: ZnodeRecord) async throws -> [ACL] {
        guard let acl = record.acl else { return .openUnsafe }
        let isBuiltOn = record.childCount > 0 || record.counter.map { $0 != .count(0) } ?? false
        guard isBuiltOn, !acl.letsAnybodyBuild, let builder = try await builderEntry() else { return acl }
        lateACLs.append((record.path, acl))
        return acl + [builder]
    }

    private mutating func builderEntry() async throws -> ACL? {
        if let builder { return builder }
        let entry = try await BuilderEntry.make(on: client)
        builder = .some(entry)
        return entry
    }

    /// A multi cannot do that.
    private mutating func setACLs() async throws {
        for batch in comparedACLs.chunks(of: Self.requestsMax) {
            for (wanted, present) in zip(batch, try await client.acls(of: batch.map(\.path))) {
                switch present {
                case .success(let (acl, _)): if acl != wanted.acl { lateACLs.append(wanted) }
                // Whoever may not see it may perhaps not set it, which then says so.
                case .failure(let error): if error.code != .noNode { lateACLs.append(wanted) }
                }
            }
        }
        comparedACLs = []
        try await setLateACLs()
    }

    /// Children before their parents, whose ACLs may forbid anything.
    private mutating func setLateACLs() async throws {
        let late = Array(lateACLs.reversed())
        lateACLs = []
        for error in try await Self.set(late, on: client) { noted.note(error) }
    }

    /// Returns why some could not be set. Those that are gone are left out.
    private static func set(
        _ acls: [(path: ZnodePath, acl: [ACL])], on client: ZooKeeperClient
    ) async throws -> [ZooKeeperError] {
        var failures: [ZooKeeperError] = []
        for batch in acls.chunks(of: requestsMax) {
            failures += try await withThrowingTaskGroup(of: ZooKeeperError?.self) { group in
                for (path, acl) in batch {
                    group.addImmediateTask {
                        do {
                            try await client.setACL(path, acl: acl)
                            return nil
                        } catch let error as ZooKeeperError where ExitCode(error.code) != .connection {
                            return error.code == .noNode ? nil : error
                        }
                    }
                }
                return try await group.reduce(into: []) { if let error = $1 { $0.append(error) } }
            }
        }
        return failures
    }

    // MARK: Counters

    /// Raises the counter of a znode before its children are created, and by as much less: nobody watches them yet.
    private mutating func prepareCounter(of record: ZnodeRecord, present: Int) async throws {
        guard let counter = record.counter, counter != .count(0) else { return }
        counters.append((record.path, counter))
        guard case .count(let wanted) = counter else { return }
        let missing = wanted - record.childCount - present
        guard missing > 0, missing <= SequenceCounter.raiseMax else { return }
        for request in raise.requests(at: record.path, count: missing) { try await bulk.add(together: request) }
    }

    /// Raises what is still missing, such as what children would have raised that were left out.
    ///
    /// - Returns: how many counters stay behind.
    private mutating func finishCounters() async throws -> Int {
        var tally = FailureTally()
        for batch in counters.chunks(of: 1024) {
            var behind: [(path: ZnodePath, missing: Int)] = []
            try await client.forEachStat(of: batch.map(\.path)) { index, stat in
                guard let stat else { return }
                let (path, counter) = batch[batch.startIndex + index]
                guard case .count(let wanted) = counter, case .count(let present) = SequenceCounter(stat) else {
                    if case .beyond = counter {
                        tally.note(Self.counterFailure(path, "it is beyond 2^30, where nobody can read it"), to: report)
                    }
                    return
                }
                if present < wanted { behind.append((path, wanted - present)) }
            }
            for (path, missing) in behind {
                if let failure = try await raise(path, by: missing) {
                    tally.note(Self.counterFailure(path, failure), to: report)
                }
            }
        }
        counters = []
        return tally.count
    }

    /// Returns why that was not possible.
    private func raise(_ path: ZnodePath, by count: Int) async throws -> String? {
        guard count <= SequenceCounter.raiseMax else {
            return "it is \(count) creates away, and at most \(SequenceCounter.raiseMax) are made up for"
        }
        do {
            for request in raise.requests(at: path, count: count) { _ = try await client.multi(request) }
            return nil
        } catch let error as ZooKeeperError where ExitCode(error.code) != .connection {
            if error.code == .noAuth { return "creating and deleting a child below it is not permitted" }
            return ShellError(error).message
        }
    }

    private static func counterFailure(_ path: ZnodePath, _ reason: String) -> ShellError {
        ShellError(
            .partialFailure,
            "\(path): the sequence counter of the copy is behind: \(reason); "
                + "its next sequential children may get names that were used already",
            path: path)
    }

    // MARK: The end

    /// Waits until all is written.
    ///
    /// - Throws: ``ShellError`` 9 when some of it could not be.
    mutating func finish() async throws {
        try await bulk.finish()
        let counterCount = try await finishCounters()
        try await setACLs()
        try noted.current.finish(of: summary.total)
        if counterCount > 0 {
            throw ShellError(
                .partialFailure, "the sequence counters of \(counterCount) znodes are behind; all else is done")
        }
    }

    /// Takes the entries away that only the work has needed, when it ends before its end.
    mutating func abandon() async {
        guard !lateACLs.isEmpty else { return }
        let (client, late) = (client, Array(lateACLs.reversed()))
        lateACLs = []
        guard client.state.isConnected else { return }
        // In a task of its own: this one may be cancelled.
        await Task { _ = try? await Self.set(late, on: client) }.value
    }

    /// Failures so far.
    var failureCount: Int { noted.current.count }
}

extension Array {
    /// Its elements in order, up to `count` at a time.
    func chunks(of count: Int) -> some Sequence<ArraySlice<Element>> {
        stride(from: 0, to: self.count, by: count).lazy.map { self[$0..<Swift.min($0 + count, self.count)] }
    }
}
