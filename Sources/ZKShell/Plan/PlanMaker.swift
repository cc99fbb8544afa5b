internal import ZKClient
internal import ZKCore

/// Finds the changes that make one tree like another.
struct PlanMaker {
    var source: PlanSource
    var target: LiveTree
    var carriesACLs = true
    var excludes = ExcludedPaths()
    /// Whether parents of the target's root that are missing are created.
    var createsParents = false
    /// Whether what the source has not got is to be deleted.
    var deletesOthers = true

    /// A change, and what the znode held before.
    struct Step: Sendable {
        var op: PlanOp
        var before: ZnodeData?
        var aclBefore: [ACL]?
        /// How many znodes below this one are deleted too, which have steps of their own.
        var belowCount = 0
        /// Whether its parent is deleted too.
        var isBelowOther = false
    }

    struct Summary: Sendable {
        var counts = PlanCounts()
        var read = PlanSource.Summary()
        /// Ephemeral znodes of the target that stay, or stand in the way.
        var keptEphemerals = 0
        var failures = FailureTally()
    }

    /// The header of the plan. Also says what cannot be planned.
    func prepare() async throws -> PlanHeader {
        if case .live(let tree) = source {
            guard try await tree.naming({ try await tree.client.exists(tree.root) }) != nil else {
                throw ShellError(.noNode, "\(tree.name): node does not exist", code: .noNode, path: tree.root)
            }
            try await LiveTree.refuseOverlap(tree, target)
        }
        if case .tree(let reader, let root, let name) = source, try await reader.exists(root) == nil {
            throw ShellError(.noNode, "\(name): node does not exist", code: .noNode, path: root)
        }
        guard !target.root.isSystem else {
            throw ShellError(.refused, "\(target.name): what is there belongs to the server", path: target.root)
        }
        try await target.naming {
            // What is planned must not be older than what others were told already.
            try await target.client.sync(.root)
            if !createsParents, let parent = target.root.parent, try await target.client.exists(parent) == nil {
                throw ShellError(
                    .noNode, "\(target.name): parent node \(parent) does not exist; create it first", code: .noNode,
                    path: target.root)
            }
        }
        return PlanHeader(
            source: source.name, target: target.fullName, root: target.root,
            operand: target.ensemble == nil ? nil : target.name, zxid: target.client.session.lastZxid,
            carriesACLs: carriesACLs)
    }

    /// Hands out the changes in the order in which they are to be made: creates and sets, parents first; ACLs and
    /// counters, children first; deletes, children first.
    func run(report: WorkReport, _ body: (Step) async throws -> Void) async throws -> Summary {
        var work = Work(maker: self, report: target.naming(report))
        var summary = Summary()
        if createsParents { try await target.naming { try await work.createParents(body) } }
        summary.read = try await source.read(
            as: target.root, carriesACLs: carriesACLs, failures: &summary.failures, report: report
        ) { batch in
            try await target.naming { try await work.compare(batch, body) }
            report.advance(batch.records.count)
        }
        for step in work.aclSteps.reversed() { try await work.emit(step, body) }
        for op in work.counters { try await work.emit(Step(op: op), body) }
        if deletesOthers { try await target.naming { try await work.deleteOthers(&summary, body) } }
        summary.counts = work.counts
        summary.keptEphemerals += work.ephemeralsInTheWay
        return summary
    }

    func isExcluded(_ path: ZnodePath) -> Bool {
        path.isEqualOrBelow(OwnerRecord.directory) || path.isSystem || excludes.contains(path, below: target.root)
    }

    /// What the work has come to.
    private struct Work {
        let maker: PlanMaker
        let report: WorkReport
        var kept = KeptZnodes()
        var counts = PlanCounts()
        var aclSteps: [Step] = []
        /// How many creates of children a znode lacks, beside those that are planned.
        var owed: [ZnodePath: (missing: Int, wanted: Int)] = [:]
        /// The highest znode that the target has not got where the walk is.
        var missing: ZnodePath?
        /// Ephemeral znodes of the target where the source has others: nothing can be below them.
        var blocked: Set<ZnodePath> = []
        var ephemeralsInTheWay: Int { blocked.count }

        init(maker: PlanMaker, report: WorkReport) {
            self.maker = maker
            self.report = report
        }

        private var client: ZooKeeperClient { maker.target.client }

        mutating func emit(_ step: Step, _ body: (Step) async throws -> Void) async throws {
            counts.count(step.op)
            try await body(step)
        }

        mutating func createParents(_ body: (Step) async throws -> Void) async throws {
            var parents: [ZnodePath] = []
            var parent = maker.target.root.parent
            while let path = parent, try await client.exists(path) == nil {
                parents.append(path)
                parent = path.parent
            }
            for path in parents.reversed() {
                try await emit(
                    Step(op: PlanOp(path: path, action: .create(data: nil, acl: nil, isBuiltOn: true))), body)
            }
        }

        mutating func compare(_ batch: SubtreeReader.Batch, _ body: (Step) async throws -> Void) async throws {
            kept.subtrees.formUnion(batch.unread)
            kept.znodes.formUnion(batch.skipped)
            let records = batch.records.filter { !maker.isExcluded($0.path) }
            kept.znodes.formUnion(records.map(\.path))
            var rest = records[...]
            while !rest.isEmpty {
                let count = SubtreeWalk.batchSize(for: rest.lazy.map { $0.data?.count ?? 0 }, on: client)
                try await compare(Array(rest.prefix(count)), body)
                rest = rest.dropFirst(count)
            }
        }

        private mutating func compare(_ records: [ZnodeRecord], _ body: (Step) async throws -> Void) async throws {
            let looked = records.filter { record in missing.map { !record.path.isEqualOrBelow($0) } ?? true }
            var present: [ZnodePath: ZnodeData] = [:]
            for (record, answer) in zip(looked, try await client.data(of: looked.map(\.path))) {
                switch answer {
                case .success(let znode): present[record.path] = znode
                case .failure(let error): if error.code != .noNode { throw error }
                }
            }
            let acls = try await acls(of: records.filter { $0.acl != nil && present[$0.path] != nil })
            for record in records {
                if isBlocked(record.path) { continue }
                guard let znode = present[record.path] else {
                    if missing.map({ !record.path.isEqualOrBelow($0) }) ?? true { missing = record.path }
                    try await create(record, body)
                    continue
                }
                guard znode.stat.ephemeralOwner == 0 else {
                    blocked.insert(record.path)
                    continue
                }
                try await change(record, from: znode, acl: acls[record.path], body)
            }
        }

        private func isBlocked(_ path: ZnodePath) -> Bool {
            if blocked.isEmpty { return false }
            var ancestor = path.parent
            while let path = ancestor {
                if blocked.contains(path) { return true }
                ancestor = path.parent
            }
            return false
        }

        private func acls(of records: [ZnodeRecord]) async throws -> [ZnodePath: [ACL]] {
            var acls: [ZnodePath: [ACL]] = [:]
            for batch in records.chunks(of: 256) {
                for (record, answer) in zip(batch, try await client.acls(of: batch.map(\.path))) {
                    switch answer {
                    case .success(let (acl, _)): acls[record.path] = acl
                    case .failure(let error): if error.code != .noNode { throw error }
                    }
                }
            }
            return acls
        }

        private mutating func create(
            _ record: ZnodeRecord, _ body: (Step) async throws -> Void
        ) async throws {
            let isBuiltOn = record.childCount > 0 || record.counter.map { $0 != .count(0) } ?? false
            owe(record, present: 0)
            pay(record.path)
            try await emit(
                Step(
                    op: PlanOp(
                        path: record.path,
                        action: .create(data: record.data, acl: record.acl, isBuiltOn: isBuiltOn))), body)
        }

        private mutating func change(
            _ record: ZnodeRecord, from znode: ZnodeData, acl: [ACL]?, _ body: (Step) async throws -> Void
        ) async throws {
            let origin = PlanOp.Origin(znode.stat)
            if case .count(let present) = SequenceCounter(znode.stat) { owe(record, present: present) }
            if record.data != znode.data {
                let op = PlanOp(path: record.path, action: .set(data: record.data), origin: origin)
                try await emit(Step(op: op, before: znode), body)
            }
            if let wanted = record.acl, let acl, !wanted.isLike(acl) {
                let op = PlanOp(path: record.path, action: .acl(wanted), origin: origin)
                aclSteps.append(Step(op: op, aclBefore: acl))
            }
        }

        private mutating func owe(_ record: ZnodeRecord, present: Int) {
            guard case .count(let wanted)? = record.counter, wanted > present else { return }
            owed[record.path] = (wanted - present, wanted)
        }

        /// A child is to be created.
        private mutating func pay(_ path: ZnodePath) {
            guard let parent = path.parent, let debt = owed[parent] else { return }
            owed[parent] = debt.missing > 1 ? (debt.missing - 1, debt.wanted) : nil
        }

        /// Sorted, so that a plan is the same each time.
        var counters: [PlanOp] {
            owed.sorted { $0.key.string < $1.key.string }
                .map { PlanOp(path: $0.key, action: .counter($0.value.wanted)) }
        }

        mutating func deleteOthers(_ summary: inout Summary, _ body: (Step) async throws -> Void) async throws {
            guard try await client.exists(maker.target.root) != nil else { return }
            kept.keepsSubtree = { [maker, blocked] in maker.isExcluded($0) || blocked.contains($0) }
            let (others, ephemerals) = try await kept.others(
                below: maker.target.root, on: client, failures: &summary.failures, report: report)
            summary.keptEphemerals += ephemerals
            let paths = Set(others.map(\.path))
            var below: [ZnodePath: Int] = [:]
            for (path, _) in others {
                var ancestor = path.parent
                while let parent = ancestor, paths.contains(parent) {
                    below[parent, default: 0] += 1
                    ancestor = parent.parent
                }
            }
            for (path, stat) in others.reversed() {
                guard let stat else { continue }
                var step = Step(op: PlanOp(path: path, action: .delete, origin: PlanOp.Origin(stat)))
                step.belowCount = below[path] ?? 0
                step.isBelowOther = path.parent.map(paths.contains) ?? false
                try await emit(step, body)
            }
        }
    }
}
