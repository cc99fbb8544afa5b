internal import ArgumentParser
internal import ZKClient
internal import ZKCore

struct SetACLCommand: ShellCommand {
    static let declaration = CommandDeclaration(
        name: "setAcl", group: .access, abstract: "Replace or change the access control list of a znode.",
        discussion: """
            ACL is scheme:id:perms, several separated by commas; the permissions are c(reate), d(elete), r(ead),
            w(rite), a(dmin). auth::perms stands for every identity of this connection.
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

    @Option(
        name: .customLong("add"),
        help: ArgumentHelp("Add these entries, or replace those of the same identity.", valueName: "acl"))
    var added: ACLOperand?

    @Option(
        name: .customLong("remove"), help: ArgumentHelp("Remove the entries of these identities.", valueName: "acl"))
    var removed: ACLOperand?

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
        let client = try await shell.client()
        guard isRecursive else {
            if let stat = try await set(path, with: client, in: shell), showsStat || shell.options.output == .json {
                try shell.emit(StatResult(path: path, stat: stat))
            }
            return
        }
        var failures = 0
        var count = 0
        let progress = shell.progress("znodes")
        defer { progress.finish() }
        try await TreeWalk(root: path, on: client).forEach { entry in
            count += 1
            do {
                if let failure = entry.failure { shell.report(ShellError(failure)) }
                _ = try await set(entry.path, with: client, in: shell)
                progress.add()
            } catch let error as ZooKeeperError where !error.concernsConnection {
                if error.code == .noNode && entry.depth > 0 { return }
                shell.report(ShellError(error))
                failures += 1
            }
        }
        if failures > 0 {
            throw ShellError(
                .partialFailure, "\(path): the ACL of \(failures) of \(count) nodes is as it was", path: path)
        }
    }

    /// The new stat; nil in a dry run.
    private func set(_ path: ZnodePath, with client: ZooKeeperClient, in shell: ShellContext) async throws -> Stat? {
        var version = version ?? -1
        let entries: [ACL]
        if let acl {
            entries = acl.entries
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
            try shell.wouldDo("setAcl \(path) \(ACLResult.compact(entries))")
            return nil
        }
        return try await client.setACL(path, acl: entries, aversion: version)
    }

    private func changed(_ present: [ACL]) -> [ACL] {
        let gone = Set(((removed?.entries ?? []) + (added?.entries ?? [])).map(\.identity))
        return present.filter { !gone.contains($0.identity) } + (added?.entries ?? [])
    }
}
