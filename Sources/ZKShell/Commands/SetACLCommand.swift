internal import ShellLanguage
internal import ZKClient
internal import ZKCore

struct SetACLCommand: ShellCommand {
    static let declaration = CommandDeclaration(
        name: "setAcl", group: .access, abstract: "Replace or change the access control list of a znode.",
        discussion: """
            ACL is scheme:id:perms, several separated by commas; the permissions are c(reate), d(elete), r(ead),
            w(rite), a(dmin). auth::perms stands for every identity of this connection. On a terminal it asks before -R
            changes more znodes than --limit, and before an ACL that would leave nobody to administer the znode.
            /zookeeper does not go along with the root.
            """,
        aliases: [.init("setacl")],
        examples: [
            .init("setAcl /app world:anyone:r,auth::cdrwa", "everybody reads, we do all"),
            .init("setAcl --add digest:joe:HASH:rw /app", "one more entry"),
            .init("setAcl -R /app world:anyone:cdrwa", "the whole subtree"),
        ],
        exitStatuses: [
            .init(.noNode, "the znode does not exist"), .init(.badVersion, "the ACL has another version"),
            .init(.noAuth, "not allowed, or the ACL is not valid"), .init(.partialFailure, "-R failed for some znodes"),
        ],
        writes: true, isFromZKCLI: true)

    @Flag(name: .customShort("s"), help: "Print the new stat.")
    var showsStat = false

    @Option(name: .customShort("v"), help: ArgumentHelp("Only when the ACL has this version.", valueName: "version"))
    var version: Int32?

    @Flag(name: .customShort("R"), help: "For the whole subtree.")
    var isRecursive = false

    @Option(help: ArgumentHelp("-R: ask when there are more znodes than this.", valueName: "n"))
    var limit: Int = MassChange.limitDefault

    @Option(
        name: .customLong("add"),
        help: ArgumentHelp("Add these entries, or replace those of the same identity.", valueName: "acl"))
    var added: ACLOperand?

    @Option(
        name: .customLong("remove"), help: ArgumentHelp("Remove the entries of these identities.", valueName: "acl"))
    var removed: ACLIdentityOperand?

    @Argument(help: "The znode.")
    var path: PathOperand

    @Argument(help: "Its new ACL; not with --add and --remove.")
    var acl: ACLOperand?

    func validate() throws {
        if acl == nil && added == nil && removed == nil { throw UsageError("missing operand ACL") }
        if acl != nil && (added != nil || removed != nil) {
            throw UsageError("either a whole ACL, or --add and --remove")
        }
    }

    func run(in shell: ShellContext) async throws {
        let path = try shell.resolve(path)
        let change = ACLChange(
            acl: acl?.entries, added: added?.entries ?? [], removed: removed?.identities ?? [], version: version ?? -1)
        guard isRecursive else {
            try await change.check(at: path, in: shell)
            if let stat = try await change.make(at: path, in: shell), showsStat || shell.options.output == .json {
                try shell.emit(StatResult(path: path, stat: stat))
            }
            return
        }
        // All are found before the first is changed: afterwards this session may not be allowed to look.
        var paths: [ZnodePath] = []
        var failures = FailureTally()
        var walk = SubtreeWalk(root: path)
        walk.leaveOutSystemZnodes()
        try await walk.run(on: shell.client()) { znodes in
            for znode in znodes { if let failure = znode.failure { failures.note(failure, in: shell) } }
            paths += znodes.map(\.path)
        }
        if !shell.options.isDryRun {
            try await change.check(at: paths, below: path, in: shell)
            try await MassChange("change the ACL of \(paths.count) nodes in \(path)", count: paths.count, limit: limit)
                .confirm(in: shell)
        }
        let progress = WorkProgress("changing \(path)", total: paths.count, isSilent: true, in: shell)
        defer { progress.finish() }
        var start = 0
        while start < paths.count {
            let batch = Array(paths[start..<min(start + Self.requestsMax, paths.count)])
            for error in try await change.make(at: batch, in: shell) { failures.note(error, in: shell) }
            progress.advance(by: batch.count)
            start += batch.count
        }
        if failures.count > 0 {
            throw ShellError(
                .partialFailure, "\(path): the ACL of \(failures.count) of \(paths.count) nodes is as it was",
                path: path)
        }
    }

    private static let requestsMax = 256
}

/// What is to become of an ACL.
private struct ACLChange: Sendable {
    /// In place of all that was there.
    var acl: [ACL]?
    var added: [ACL]
    var removed: [ACLIdentity]
    var version: Int32

    /// Asks, where the ACL would shut people out.
    func check(at path: ZnodePath, in shell: ShellContext) async throws {
        // What is only added takes nothing away.
        let entries = removed.isEmpty ? acl ?? added : changed(try await shell.client().getACL(path).acl)
        try await shell.checkACL(entries, of: path, replaces: acl != nil || !removed.isEmpty)
    }

    /// Likewise, once for a subtree.
    func check(at paths: [ZnodePath], below root: ZnodePath, in shell: ShellContext) async throws {
        if removed.isEmpty { return try await shell.checkACL(acl ?? added, of: root, replaces: acl != nil) }
        // The ACLs are read twice only where somebody is there to be asked.
        guard shell.session.input.isTerminal, !shell.options.assumesYes else { return }
        for path in paths {
            guard let present = try? await shell.client().getACL(path).acl,
                ACLCaution.locksOutAdministrators(changed(present))
            else { continue }
            return try await shell.checkACL(changed(present), of: path, replaces: true)
        }
    }

    /// The new stat; nil in a dry run.
    func make(at path: ZnodePath, in shell: ShellContext) async throws -> Stat? {
        let client = try await shell.client()
        var version = version
        let entries: [ACL]
        if let acl {
            entries = acl
        } else {
            let (present, stat) = try await client.getACL(path)
            guard version == -1 || version == stat.aversion else {
                throw ShellError(
                    .badVersion, "\(path): the ACL version is \(stat.aversion), not \(version)", path: path)
            }
            // What was read is what is changed: nobody else's change is lost.
            version = stat.aversion
            entries = changed(present)
        }
        if shell.options.isDryRun {
            try await shell.checkChange(of: path, version: nil, createsMissing: false)
            try shell.wouldDo("setAcl \(path) \(ACLResult.compact(entries))", .changesData)
            return nil
        }
        return try await client.setACL(path, acl: entries, aversion: version)
    }

    /// Changes several at a time. Those that vanish meanwhile are left out.
    ///
    /// - Returns: why some could not be changed, in the order of `paths`.
    func make(at paths: [ZnodePath], in shell: ShellContext) async throws -> [ShellError] {
        if shell.options.isDryRun {
            for path in paths { _ = try await make(at: path, in: shell) }
            return []
        }
        return try await withThrowingTaskGroup(of: (Int, ShellError?).self) { group in
            for (index, path) in paths.enumerated() {
                group.addImmediateTask {
                    do {
                        _ = try await make(at: path, in: shell)
                        return (index, nil)
                    } catch {
                        let failure = ShellError(error)
                        guard failure.status != .connection, failure.status != .interrupted else { throw error }
                        return (index, failure.code == .noNode ? nil : failure)
                    }
                }
            }
            var failures: [(Int, ShellError)] = []
            for try await (index, failure) in group { if let failure { failures.append((index, failure)) } }
            return failures.sorted { $0.0 < $1.0 }.map(\.1)
        }
    }

    private func changed(_ present: [ACL]) -> [ACL] {
        let gone = Set(removed + added.map(\.identity))
        return present.filter { !gone.contains($0.identity) } + added
    }
}
