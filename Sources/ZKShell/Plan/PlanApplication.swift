internal import ZKClient
internal import ZKCore

/// Makes the changes of a plan: multis whose every change is guarded by what the plan was made from.
///
/// What has changed since is a conflict, and nothing of its multi is done. What is as it should be already counts as
/// done, so that a plan can be applied again after an interruption.
struct PlanApplication {
    var target: LiveTree
    var deletesOthers = false
    /// Deletes only what it has created.
    var owner: OwnerRecord?
    var isAtomic = false
    var isDryRun = false
    var report: WorkReport
    private(set) var summary = Summary()

    /// What was done, or would be.
    struct Summary: Sendable, Hashable {
        var created = 0
        var changed = 0
        var acls = 0
        var counters = 0
        var deleted = 0
        /// As they should be already.
        var unneeded = 0
        /// Deletes that were not asked for, or not owned.
        var left = 0
        /// Changed by others since the plan was made.
        var conflicts = 0
        /// Not done because of a conflict or a failure in the same multi, or above.
        var heldBack = 0
        var failures = 0

        var done: Int { created + changed + acls + counters + deleted }
    }

    private static let opsMax = 128
    private static let attemptsMax = 8

    /// What is in the way.
    private enum Verdict {
        case done
        /// Created already, but its ACL still has the entry that only the work needs.
        case needsLateACL
        case needed
        case conflict(String)
    }

    private var batch: [PlanOp] = []
    private var batchBytes = 0
    /// Znodes that were to be created and are not there.
    private var missing: Set<ZnodePath> = []
    private var builder: ACL??
    /// ACLs that are set when all children are there.
    private var lateACLs: [(path: ZnodePath, acl: [ACL])] = []
    private var firstFailure: ShellError?
    private var tally = FailureTally()

    init(to target: LiveTree, report: WorkReport) {
        self.target = target
        self.report = target.naming(report)
    }

    private var client: ZooKeeperClient { target.client }

    /// - Throws: ``ShellError`` 7 when all is in conflict, 9 when a part was done.
    mutating func run(_ plan: PlanReader) async throws {
        do {
            try await target.naming {
                if isAtomic { try await runAtomic(plan) } else { try await runInParts(plan) }
            }
        } catch {
            await abandon()
            guard summary.done > 0, !isDryRun, let cause = error as? ShellError, cause.status == .connection else {
                throw error
            }
            throw ShellError(
                .partialFailure,
                "stopped after \(summary.done) changes: \(cause.message); applied again, the plan goes on from there",
                code: cause.code)
        }
        try finish()
    }

    private func finish() throws(ShellError) {
        guard summary.conflicts + summary.failures > 0 else { return }
        let held = summary.heldBack > 0 ? ", \(summary.heldBack) held back by them" : ""
        let what =
            "\(summary.conflicts) conflicts, \(summary.failures) failures\(held), \(summary.done) changes done; "
            + "make a new plan for what is left"
        if summary.done > 0 { throw ShellError(.partialFailure, what) }
        throw ShellError(summary.conflicts > 0 ? .badVersion : firstFailure?.status ?? .failure, what)
    }

    /// How many znodes are to be deleted.
    func deleteCount(of plan: PlanReader, _ counts: PlanCounts) async throws -> Int {
        guard deletesOthers, counts.deletes > 0 else { return 0 }
        guard let owner else { return counts.deletes }
        var count = 0
        try await plan.read { op in
            if case .delete = op.action, let origin = op.origin, owner.owns(op.path, czxid: origin.czxid) { count += 1 }
        }
        return count
    }

    // MARK: The order

    private enum Phase: Int {
        case data, acls, counters, deletes

        init(_ op: PlanOp) {
            self =
                switch op.action {
                case .create, .set: .data
                case .acl: .acls
                case .counter: .counters
                case .delete: .deletes
                }
        }
    }

    private mutating func runInParts(_ plan: PlanReader) async throws {
        var phase = Phase.data
        try await plan.read { op in
            try Task.checkCancellation()
            let next = Phase(op)
            if next != phase {
                try await flush(phase)
                phase = next
            }
            guard takes(op) else { return }
            let bytes = op.requestBytes
            if batch.count >= Self.opsMax || !batch.isEmpty && batchBytes + bytes > BulkWriter.requestBytesMax {
                try await flush(phase)
            }
            batch.append(op)
            batchBytes += bytes
        }
        try await flush(phase)
        try await setLateACLs()
    }

    /// Znodes are changed in one multi, the rest follows.
    private mutating func runAtomic(_ plan: PlanReader) async throws {
        var rest: [Phase: [PlanOp]] = [:]
        try await plan.read { op in
            guard takes(op) else { return }
            let phase = Phase(op)
            guard phase == .data || phase == .deletes else {
                rest[phase, default: []].append(op)
                return
            }
            batch.append(op)
            batchBytes += op.requestBytes
            guard batchBytes <= BulkWriter.requestBytesMax else {
                throw ShellError(
                    .usage, "--atomic: the changes do not fit one request of \(BulkWriter.requestBytesMax) bytes")
            }
        }
        try await flush(.data)
        guard summary.conflicts + summary.failures == 0 else { return }
        try await setLateACLs()
        for phase in [Phase.acls, .counters] {
            batch = rest[phase] ?? []
            try await flush(phase)
        }
    }

    /// Whether the op is to be done at all.
    private mutating func takes(_ op: PlanOp) -> Bool {
        if case .delete = op.action {
            guard deletesOthers, let origin = op.origin, owner.map({ $0.owns(op.path, czxid: origin.czxid) }) ?? true
            else {
                summary.left += 1
                return false
            }
        }
        guard !missing.isEmpty else { return true }
        var ancestor: ZnodePath? = op.path
        while let path = ancestor {
            if missing.contains(path) {
                summary.heldBack += 1
                return false
            }
            ancestor = path.parent
        }
        return true
    }

    private mutating func flush(_ phase: Phase) async throws {
        let ops = batch
        batch = []
        batchBytes = 0
        if !ops.isEmpty {
            switch phase {
            case .data, .deletes: try await commit(ops)
            case .acls: try await setACLs(ops)
            case .counters: try await raiseCounters(ops)
            }
        }
    }

    // MARK: Data

    /// Makes the changes of one multi, or none of them.
    private mutating func commit(_ ops: [PlanOp]) async throws {
        for _ in 0..<Self.attemptsMax {
            let verdicts = try await verdicts(of: ops)
            var conflicts: [(PlanOp, String)] = []
            var needed: [PlanOp] = []
            var late: [PlanOp] = []
            for (op, verdict) in zip(ops, verdicts) {
                switch verdict {
                case .done: break
                case .needsLateACL: late.append(op)
                case .needed: needed.append(op)
                case .conflict(let reason): conflicts.append((op, reason))
                }
            }
            guard conflicts.isEmpty else { return note(conflicts, holdingBack: needed) }
            do {
                try await perform(needed, of: ops)
                for op in late { noteLateACL(of: op) }
                summary.unneeded += ops.count - needed.count
                report.advance(ops.count)
                return
            } catch let error as ZooKeeperError where !error.isOutcomeUnknown && ExitCode(error.code) != .connection {
                switch error.code {
                case .badVersion, .nodeExists, .notEmpty: continue
                case .noNode:
                    guard let op = needed.first(where: { $0.path == error.path }), case .create = op.action else {
                        continue
                    }
                    return note([(op, "its parent is gone")], holdingBack: needed.filter { $0 != op })
                default: return note(failure: error, of: needed)
                }
            }
        }
        note(
            [(ops[0], "it, or another one of \(ops.count) znodes, changes all the time")],
            holdingBack: Array(ops.dropFirst()))
    }

    /// What each op is worth, judged by the znodes as they are now.
    private func verdicts(of ops: [PlanOp]) async throws -> [Verdict] {
        var present: [ZnodePath: ZnodeData] = [:]
        var rest = ops[...]
        while !rest.isEmpty {
            // A delete needs no data, but a multiread costs less than so many requests.
            let count = SubtreeWalk.batchSize(for: rest.lazy.map(\.requestBytes), on: client)
            let part = rest.prefix(count)
            for (op, answer) in zip(part, try await client.data(of: part.map(\.path))) {
                switch answer {
                case .success(let znode): present[op.path] = znode
                case .failure(let error): if error.code != .noNode { throw error }
                }
            }
            rest = rest.dropFirst(count)
        }
        let existing = ops.filter { op in
            if case .create(let data, let acl, _) = op.action, acl != nil, let znode = present[op.path] {
                return znode.data == data
            }
            return false
        }
        var acls: [ZnodePath: [ACL]] = [:]
        for (op, answer) in zip(existing, try await client.acls(of: existing.map(\.path))) {
            if case .success(let (acl, _)) = answer { acls[op.path] = acl }
        }
        var deletedChildren: [ZnodePath: Int32] = [:]
        for op in ops {
            if case .delete = op.action, present[op.path] != nil, let parent = op.path.parent {
                deletedChildren[parent, default: 0] += 1
            }
        }
        return ops.map { op in
            verdict(on: op, present[op.path], acl: acls[op.path], deletedChildren: deletedChildren[op.path] ?? 0)
        }
    }

    private func verdict(
        on op: PlanOp, _ present: ZnodeData?, acl: [ACL]?, deletedChildren: Int32
    ) -> Verdict {
        switch op.action {
        case .create(let data, let wanted, _):
            guard let present else { return .needed }
            guard present.stat.ephemeralOwner == 0 else {
                return .conflict("somebody has created it, as an ephemeral node")
            }
            guard present.data == data else { return .conflict("somebody has created it, with other data") }
            guard let wanted, let acl, !wanted.isLike(acl) else { return .done }
            guard acl.count == wanted.count + 1, acl.starts(with: wanted) else {
                return .conflict("somebody has created it, with another ACL")
            }
            return .needsLateACL
        case .set(let data):
            guard let present else { return .conflict("it was deleted since") }
            if present.data == data { return .done }
            return Self.isUnchanged(op, present.stat) ? .needed : .conflict("it was changed since")
        case .delete:
            guard let present else { return .done }
            guard Self.isUnchanged(op, present.stat) else { return .conflict("it was changed since") }
            guard present.stat.numChildren <= deletedChildren else {
                return .conflict("it has children that are to stay, or that the plan does not know")
            }
            return .needed
        case .acl, .counter: return .needed
        }
    }

    private static func isUnchanged(_ op: PlanOp, _ stat: Stat) -> Bool {
        guard let origin = op.origin else { return false }
        return origin.version == stat.version && origin.czxid == stat.czxid && origin.mzxid == stat.mzxid
    }

    private mutating func perform(_ ops: [PlanOp], of all: [PlanOp]) async throws {
        var requests: [MultiOp] = []
        var built: [PlanOp] = []
        for op in ops {
            switch op.action {
            case .create(let data, let acl, let isBuiltOn):
                var acl = acl ?? .openUnsafe
                if isBuiltOn, !acl.letsAnybodyBuild, !isDryRun, let builder = try await builderEntry() {
                    acl.append(builder)
                    built.append(op)
                }
                requests.append(.create(op.path, data: data, acl: acl))
            case .set(let data): requests.append(.setData(op.path, data: data, version: op.origin?.version ?? 0))
            case .delete: requests.append(.delete(op.path, version: op.origin?.version ?? 0))
            case .acl, .counter: break
            }
        }
        if !isDryRun {
            let created = ops.filter { if case .create = $0.action { true } else { false } }.map(\.path)
            // Also those that are gone already.
            let deleted = all.filter { if case .delete = $0.action { true } else { false } }.map(\.path)
            let lists = try await owner?.stage(created: created, deleted: deleted) ?? []
            if !(requests + lists).isEmpty {
                do {
                    let results = try await client.multi(requests + lists)
                    owner?.commit(results.dropFirst(requests.count))
                } catch let error as ZooKeeperError where lists.contains(where: { $0.path == error.path }) {
                    throw ShellError(
                        .badVersion,
                        "\(error.path?.string ?? ""): somebody else applies as the same owner now; try again",
                        code: error.code, path: error.path)
                }
            }
        }
        for op in built { noteLateACL(of: op) }
        for op in ops {
            switch op.action {
            case .create: summary.created += 1
            case .set: summary.changed += 1
            case .delete: summary.deleted += 1
            case .acl, .counter: break
            }
        }
    }

    // MARK: Conflicts and failures

    private mutating func note(_ conflicts: [(PlanOp, String)], holdingBack ops: [PlanOp]) {
        for (op, reason) in conflicts {
            summary.conflicts += 1
            tally.note(ShellError(.badVersion, "\(op.path): conflict: \(reason)", path: op.path), to: report)
            hold(op)
        }
        summary.heldBack += ops.count
        for op in ops { hold(op) }
    }

    private mutating func note(failure error: ZooKeeperError, of ops: [PlanOp]) {
        let failure = ShellError(error)
        firstFailure = firstFailure ?? failure
        summary.failures += 1
        summary.heldBack += max(0, ops.count - 1)
        tally.note(failure, to: report)
        for op in ops { hold(op) }
    }

    private mutating func hold(_ op: PlanOp) {
        if case .create = op.action { missing.insert(op.path) }
    }

    // MARK: ACLs

    private mutating func builderEntry() async throws -> ACL? {
        if let builder { return builder }
        let entry = try await BuilderEntry.make(on: client)
        builder = .some(entry)
        return entry
    }

    private mutating func noteLateACL(of op: PlanOp) {
        if case .create(_, let acl?, _) = op.action { lateACLs.append((op.path, acl)) }
    }

    /// Takes away what only the work has needed, children first. Nobody else has set these ACLs, or it stays.
    private mutating func setLateACLs() async throws {
        let late = Array(lateACLs.reversed())
        lateACLs = []
        guard !isDryRun else { return }
        for error in try await Self.set(late.map { ($0.path, $0.acl, 0) }, on: client) where error.code != .noNode {
            note(failure: error, of: [])
        }
    }

    private mutating func abandon() async {
        guard !lateACLs.isEmpty, client.state.isConnected, !isDryRun else { return }
        let (client, late) = (client, Array(lateACLs.reversed()))
        lateACLs = []
        // In a task of its own: this one may be cancelled.
        await Task { _ = try? await Self.set(late.map { ($0.path, $0.acl, 0) }, on: client) }.value
    }

    /// Returns why some could not be set.
    private static func set(
        _ acls: [(path: ZnodePath, acl: [ACL], aversion: Int32)], on client: ZooKeeperClient
    ) async throws -> [ZooKeeperError] {
        var failures: [ZooKeeperError] = []
        for part in acls.chunks(of: 256) {
            failures += try await withThrowingTaskGroup(of: ZooKeeperError?.self) { group in
                for (path, acl, aversion) in part {
                    group.addImmediateTask {
                        do {
                            try await client.setACL(path, acl: acl, aversion: aversion)
                            return nil
                        } catch let error as ZooKeeperError where ExitCode(error.code) != .connection {
                            return error
                        }
                    }
                }
                return try await group.reduce(into: []) { if let error = $1 { $0.append(error) } }
            }
        }
        return failures
    }

    private mutating func setACLs(_ ops: [PlanOp]) async throws {
        // The children of what was created are there now; an ACL above may forbid to look at them.
        try await setLateACLs()
        var changes: [(path: ZnodePath, acl: [ACL], aversion: Int32)] = []
        for (op, answer) in zip(ops, try await client.acls(of: ops.map(\.path))) {
            guard case .acl(let wanted) = op.action, let origin = op.origin else { continue }
            switch answer {
            case .success(let (acl, _)) where wanted.isLike(acl): summary.unneeded += 1
            case .success(let (_, stat)) where stat.aversion == origin.aversion && stat.czxid == origin.czxid:
                changes.append((op.path, wanted, stat.aversion))
            case .success: note([(op, "its ACL was changed since")], holdingBack: [])
            case .failure(let error) where error.code == .noNode:
                note([(op, "it was deleted since")], holdingBack: [])
            case .failure(let error): note(failure: error, of: [op])
            }
        }
        let failures = isDryRun ? [] : try await Self.set(changes, on: client)
        summary.acls += changes.count - failures.count
        for error in failures {
            guard error.code == .badVersion || error.code == .noNode, let path = error.path else {
                note(failure: error, of: [])
                continue
            }
            note([(PlanOp(path: path, action: .acl([])), "its ACL was changed since")], holdingBack: [])
        }
        report.advance(ops.count)
    }

    // MARK: Counters

    /// They only grow, and need no guard.
    private mutating func raiseCounters(_ ops: [PlanOp]) async throws {
        let raise = SequenceRaise(opsMax: 500)
        var stats = [Stat?](repeating: nil, count: ops.count)
        try await client.forEachStat(of: ops.map(\.path)) { stats[$0] = $1 }
        for (op, stat) in zip(ops, stats) {
            guard case .counter(let wanted) = op.action, let stat, case .count(let present) = SequenceCounter(stat)
            else {
                if !isDryRun || stat != nil {
                    note([(op, "it was deleted since, or its counter cannot be read")], holdingBack: [])
                }
                continue
            }
            guard present < wanted else {
                summary.unneeded += 1
                continue
            }
            if isDryRun {
                summary.counters += 1
            } else if wanted - present > SequenceCounter.raiseMax {
                noteCounter(
                    op,
                    "it is \(wanted - present) creates away, and at most \(SequenceCounter.raiseMax) are made up for")
            } else {
                do {
                    for request in raise.requests(at: op.path, count: wanted - present) {
                        _ = try await client.multi(request)
                    }
                    summary.counters += 1
                } catch let error as ZooKeeperError where ExitCode(error.code) != .connection {
                    noteCounter(op, ShellError(error).message)
                }
            }
        }
    }

    private mutating func noteCounter(_ op: PlanOp, _ reason: String) {
        let failure = ShellError(
            .partialFailure,
            "\(op.path): the sequence counter is behind: \(reason); its next sequential children may get names that were "
                + "used already",
            path: op.path)
        firstFailure = firstFailure ?? failure
        summary.failures += 1
        tally.note(failure, to: report)
    }
}
