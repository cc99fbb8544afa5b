internal import ShellLanguage
internal import ZKClient
internal import ZKCore
internal import ZKText

struct ApplyCommand: ShellCommand {
    static let declaration = CommandDeclaration(
        name: "apply", group: .znodes, abstract: "Make the changes of a plan.",
        discussion: """
            Either a FILE that `plan -o` has written, or SRC and DST as `plan` takes them; with two operands, the first is a
            FILE if there is a file of this name that holds a plan. A FILE is applied to where it was made for, or to DST,
            which must have the same path.

            The changes go out in multis. Each is guarded by the version of its znode; czxid and mzxid are read again
            directly before. What was changed, deleted or created by others since the plan was made is a conflict: it is
            named, and nothing of its multi is done. (A znode that is deleted and created again, up to the same version,
            between that look and the multi is not noticed.) What is as it should be already counts as done, so an
            interrupted plan is simply applied again. ACLs of znodes that exist cannot be set in a multi: they follow the
            data, each guarded by its own version, before the deletes.

            Nothing is deleted without --prune. With --owner NAME, only what an apply of that name has created below
            this DST is deleted, and what is created now is noted: in /zoosh/owners/NAME, in the same multi.
            """,
        synopsis: "apply FILE [DST] | apply SRC DST",
        examples: [
            .init("apply app.plan", "the changes of a file"),
            .init("apply file:app.jsonl /app", "plan and apply at once"),
            .init(
                "apply --prune --owner config file:app.jsonl /app",
                "and delete what config once made and the file has not"),
        ],
        exitStatuses: [
            .init(.badVersion, "all that was to be changed has changed since"),
            .init(.partialFailure, "a part was done; the rest is in conflict, or failed"),
            .init(.refused, "more deletes than --max-deletes, or the owner has another DST"),
            .init(.corruptFile, "the file is no plan, or not as it was made"),
        ],
        writes: true)

    @Flag(help: "Delete what the source has not.")
    var prune = false

    @Option(help: ArgumentHelp("Note what is created, and delete only what was noted.", valueName: "name"))
    var owner: String?

    @Option(help: ArgumentHelp("Do nothing if more znodes than these are to be deleted.", valueName: "n"))
    var maxDeletes: Int?

    @Flag(help: "All creates, data and deletes in one multi, or nothing. ACLs and counters follow.")
    var atomic = false

    @Flag(name: .customLong("yes"), help: "Do not ask before deletes.")
    var assumesYes = false

    @Flag(name: .customLong("dry-run"), help: "Only say what would be done.")
    var isDryRun = false

    @OptionGroup var planning: PlanOptions

    @Argument(help: "A plan, or what DST is to be like.", completion: .file)
    var first: PathOperand

    @Argument(help: "The subtree that is to be changed.")
    var dst: PathOperand?

    func run(in shell: ShellContext) async throws {
        if let maxDeletes, maxDeletes < 0 { throw UsageError("--max-deletes: a number from 0 on") }
        guard let dst else { return try await applyFile(first.word.text, to: nil, in: shell) }
        if PlanReader.isPlan(first.word.text) { return try await applyFile(first.word.text, to: dst, in: shell) }
        try await planning.withMaker(first, dst, writes: true, in: shell) { maker in
            let progress = WorkProgress("comparing \(first.word.text)", isSilent: true, in: shell)
            defer { progress.finish() }
            let file = try UnnamedFile()
            let header = try await maker.prepare()
            let summary = try await shell.show(
                maker, header, writer: PlanWriter(to: file.output), report: shell.workReport(progress), isShown: false)
            progress.finish()
            shell.warnOfGaps(in: summary)
            let plan = try PlanReader(file: file.path, shownAs: "the plan")
            try await apply(plan, header, summary.counts, to: maker.target, in: shell)
            try summary.failures.finish(of: summary.counts.total + summary.failures.count)
        }
    }

    private func applyFile(_ name: String, to dst: PathOperand?, in shell: ShellContext) async throws {
        guard planning.exclude.isEmpty, !planning.acls.leavesACLs else {
            throw UsageError("--exclude and --no-acl belong to the making of the plan: give them to plan")
        }
        let plan = try PlanReader(file: name)
        let (header, counts) = try await plan.check()
        let endpoint: Endpoint
        if let dst {
            endpoint = try Endpoint(dst, in: shell)
        } else {
            endpoint =
                try header.operand.map { try Endpoint(PathOperand(word: Word($0)), in: shell) } ?? .here(header.root)
        }
        try await endpoint.withTree(writes: true, in: shell) { target in
            guard target.root == header.root else {
                throw ShellError.usage("\(name) is for \(header.root), not for \(target.root): make a plan for that")
            }
            guard dst != nil || header.operand != nil || target.fullName == header.target else {
                throw ShellError.usage(
                    "\(name) is for \(header.target), and this session is connected to \(target.fullName): name DST if that is meant"
                )
            }
            try await apply(plan, header, counts, to: target, in: shell)
        }
    }

    private func apply(
        _ plan: PlanReader, _ header: PlanHeader, _ counts: PlanCounts, to target: LiveTree, in shell: ShellContext
    ) async throws {
        var options = PlanApplication.Options()
        options.deletesOthers = prune
        options.owner = owner
        options.deletesMax = maxDeletes
        options.isAtomic = atomic
        options.isDryRun = isDryRun || shell.options.isDryRun
        options.assumesYes = assumesYes
        try await shell.apply(plan, counts, to: target, options)
    }
}

extension PlanApplication {
    /// What is asked of an application as a whole.
    struct Options {
        var deletesOthers = false
        var owner: String?
        var deletesMax: Int?
        var isAtomic = false
        var isDryRun = false
        var assumesYes = false
    }
}

extension ShellContext {
    /// Applies a plan and tells what was done.
    func apply(
        _ plan: PlanReader, _ counts: PlanCounts, to target: LiveTree, _ options: PlanApplication.Options
    ) async throws {
        let progress = WorkProgress("changing \(target.name)", total: counts.total, isSilent: true, in: self)
        defer { progress.finish() }
        var application = PlanApplication(to: target, report: workReport(progress))
        application.deletesOthers = options.deletesOthers
        application.isAtomic = options.isAtomic
        application.isDryRun = options.isDryRun
        try await target.naming {
            // What is as it should be must not be judged by an old state.
            try await target.client.sync(.root)
            if let name = options.owner {
                var owner = try await OwnerRecord(name, of: target.root, on: target.client)
                if !options.isDryRun, try await owner.create() {
                    warn(
                        "/zoosh/owners/\(name) is open to everybody: this session has no identity that it could be kept for"
                    )
                }
                application.owner = owner
            }
        }
        let deletes = try await application.deleteCount(of: plan, counts)
        if let max = options.deletesMax, deletes > max {
            throw ShellError(.refused, "refused: \(deletes) znodes would be deleted, more than \(max)")
        }
        if deletes > 0, !options.isDryRun, !options.assumesYes {
            guard try await confirm("delete \(deletes) nodes below \(target.name)?") else {
                throw ShellError(.failure, "nothing was changed")
            }
        }
        do {
            try await application.run(plan)
        } catch {
            progress.finish()
            if application.summary.done > 0 {
                try emit(PlanResult(summary: application.summary, isDryRun: options.isDryRun))
            }
            throw error
        }
        progress.finish()
        try emit(PlanResult(summary: application.summary, isDryRun: options.isDryRun))
    }
}

extension PlanCounts {
    var total: Int { creates + sets + acls + counters + deletes }
}

/// What an application has done.
private struct PlanResult: ShellResult {
    var summary: PlanApplication.Summary
    var isDryRun: Bool

    var json: JSONValue {
        .members([
            "created": .int(Int64(summary.created)), "changed": .int(Int64(summary.changed)),
            "acls": .int(Int64(summary.acls)), "counters": .int(Int64(summary.counters)),
            "deleted": .int(Int64(summary.deleted)), "unneeded": .int(Int64(summary.unneeded)),
            "left": .int(Int64(summary.left)), "conflicts": .int(Int64(summary.conflicts)),
            "heldBack": .int(Int64(summary.heldBack)), "failures": .int(Int64(summary.failures)),
            "dryRun": isDryRun ? true : nil,
        ])
    }

    func writePlain(to output: Output) throws(ShellError) {
        var parts: [String] = []
        for (count, what) in [
            (summary.created, "created"), (summary.changed, "changed"), (summary.acls, "ACLs set"),
            (summary.counters, "counters raised"), (summary.deleted, "deleted"),
            (summary.unneeded, "as they should be already"), (summary.left, "left undeleted"),
        ] where count > 0 { parts.append("\(count) \(what)") }
        let text = parts.isEmpty ? "nothing to do" : parts.joined(separator: ", ")
        try output.writeLine((isDryRun ? "would be: " : "") + text)
    }
}
