internal import Glibc
internal import ShellLanguage
internal import ZKClient
internal import ZKCore
internal import ZKReplica
internal import ZKStore
internal import ZKText

struct RestoreCommand: ShellCommand {
    static let declaration = CommandDeclaration(
        name: "restore", group: .offline, abstract: "Put a backup back: into an ensemble, or into data directories.",
        discussion: """
            SRC is a backup, an export, a data directory or a snapshot (offline:DIR@MOMENT gives the moment). A backup is
            checked to its end before anything is written.

            Into an ensemble it is a plan, as `plan` shows it and `apply` makes it: missing parents are created, ephemeral
            znodes are left out and counted, sequence counters are raised. Without --merge or --replace only what is
            missing is created, and nothing at all if something is there that differs.

            With --data-dir a data directory is written, which must not exist or be empty: a snapshot from which any
            server starts. Sessions and ephemeral znodes are left out unless --keep-sessions. With --ensemble there is a
            directory for each server, with its myid and a zoo.cfg, and the commands that start them are printed: the way
            from `zoosh server` on one machine to an ensemble, and out of a lost quorum. A member is HOST or
            HOST:PEERPORT:ELECTIONPORT[:CLIENTPORT]. Their epoch is one above that of SRC, and above --epoch: name there
            the highest that a lost server may have had.
            """,
        synopsis:
            "restore SRC [PATH] [--to PATH] [--merge|--replace] [--no-acl] [--plan] | restore SRC --data-dir NEW [--ensemble HOST,HOST,HOST]",
        examples: [
            .init("restore all.zkb /app --plan", "what would be changed"),
            .init("restore all.zkb /app --to /old", "a part, beside what is there"),
            .init("restore all.zkb --data-dir /srv/zk --ensemble zk1,zk2,zk3", "three servers"),
        ],
        exitStatuses: [
            .init(.failure, "--plan: there are changes"), .init(.nodeExists, "something is there that differs"),
            .init(.badVersion, "all that was to be changed has changed meanwhile"),
            .init(.partialFailure, "a part was done; the rest is in conflict, or failed"),
            .init(.corruptFile, "SRC is damaged"), .init(.localIO, "a file cannot be read or written"),
        ],
        writes: true)

    @Option(help: ArgumentHelp("Where it goes; where it came from if left out.", valueName: "path"))
    var to: PathOperand?

    @Flag(help: "Znodes that are there get data and ACL of SRC.")
    var merge = false

    @Flag(help: "As --merge, and what SRC has not is deleted.")
    var replace = false

    @Flag(name: .customLong("plan"), help: "Only show what would be changed.")
    var showsPlan = false

    @OptionGroup var acls: ACLOptions

    @Flag(name: .customLong("yes"), help: "Do not ask before deletes.")
    var assumesYes = false

    @Option(help: ArgumentHelp("Write a data directory.", valueName: "new"), completion: .file)
    var dataDir: String?

    @Option(help: ArgumentHelp("One for each of these servers.", valueName: "hosts"))
    var ensemble: String?

    @Option(help: ArgumentHelp("An epoch that the servers must be above.", valueName: "n"))
    var epoch: Int?

    @Flag(help: "Sessions and ephemeral znodes too.")
    var keepSessions = false

    @Argument(help: "The backup, export, data directory or snapshot.", completion: .file)
    var src: PathOperand

    @Argument(help: "The part of it; all if left out.")
    var path: PathOperand?

    func validate() throws {
        if merge && replace { throw UsageError("either --merge or --replace") }
        if dataDir != nil, to != nil || path != nil || merge || replace || showsPlan || acls.leavesACLs {
            throw UsageError("--data-dir writes all of SRC: no PATH, --to, --merge, --replace, --plan or --no-acl")
        }
        if dataDir == nil, ensemble != nil || epoch != nil || keepSessions {
            throw UsageError("--ensemble, --epoch and --keep-sessions need --data-dir")
        }
        if ensemble == nil, epoch != nil { throw UsageError("--epoch needs --ensemble: a single server has none") }
        if let epoch, !(0..<Int(Int32.max)).contains(epoch) {
            throw UsageError("--epoch: a number from 0 to 2147483646")
        }
    }

    func run(in shell: ShellContext) async throws {
        let source = try await RestoreSource.open(src, in: shell)
        guard let dataDir else { return try await restore(source, in: shell) }
        guard case .replica(let replica, let name) = source else {
            throw ShellError.usage(
                "\(src.word.text) is an export, from which no server starts: restore it into an ensemble")
        }
        try write(replica, name, to: dataDir, in: shell)
    }

    // MARK: Into an ensemble

    private func restore(_ source: RestoreSource, in shell: ShellContext) async throws {
        let part = try path.map { try shell.resolve($0) }
        let (from, root): (PlanSource, ZnodePath)
        switch source {
        case .replica(let replica, let name):
            root = part ?? .root
            guard replica.znode(root) != nil else {
                throw ShellError(.noNode, "\(root): node does not exist in \(name)", code: .noNode, path: root)
            }
            from = .tree(OfflineReader(replica: replica), root: root, name: name + ":" + root.string)
        case .export(let reader, let named):
            guard let whole = part ?? named else {
                throw ShellError.usage("\(reader.name) has no header that names its root: say which PATH")
            }
            root = whole
            from = .export(reader, root: root)
        }
        let target = LiveTree(client: try await shell.client(), root: try to.map { try shell.resolve($0) } ?? root)
        var maker = PlanMaker(source: from, target: target, carriesACLs: try acls.copiesACL)
        maker.createsParents = true
        maker.deletesOthers = replace
        let header = try await maker.prepare()
        let file = try UnnamedFile()
        let progress = WorkProgress("comparing \(src.word.text)", isSilent: true, in: shell)
        defer { progress.finish() }
        let summary = try await shell.show(
            maker, header, writer: PlanWriter(to: file.output), report: shell.workReport(progress), isShown: showsPlan)
        progress.finish()
        shell.warnOfGaps(in: summary)
        if showsPlan {
            try summary.failures.finish(of: summary.counts.total + summary.failures.count)
            if !summary.counts.isEmpty { throw ShellError.silent(.failure) }
            return
        }
        let differing = summary.counts.sets + summary.counts.acls
        guard merge || replace || differing == 0 else {
            throw ShellError(
                .nodeExists,
                "\(target.name): \(differing) znodes or ACLs are there that differ: nothing was changed; --plan shows them, --merge changes them"
            )
        }
        var options = PlanApplication.Options()
        options.deletesOthers = replace
        options.isDryRun = shell.options.isDryRun
        options.assumesYes = assumesYes
        try await shell.apply(try PlanReader(file: file.path, shownAs: "the plan"), summary.counts, to: target, options)
        try summary.failures.finish(of: summary.counts.total + summary.failures.count)
    }

    // MARK: Into data directories

    private func write(_ replica: Replica, _ name: String, to given: String, in shell: ShellContext) throws {
        let members = try ensemble.map { text throws(UsageError) in try RestoredServers.Member.list(text) }
        var servers = RestoredServers(replica: replica, directory: Self.absolute(given))
        servers.keepsSessions = keepSessions
        let needed = Int64(replica.dataBytes + 120 * replica.znodeCount) * Int64(members?.count ?? 1)
        try FreeRoom.check(for: needed, in: servers.directory.parentDirectory)
        if shell.options.isDryRun { return try shell.wouldDo("write \(servers.directory)") }
        var result = RestoredResult(directory: servers.directory, znodes: replica.znodeCount, zxid: replica.zxid)
        if !keepSessions {
            (result.droppedSessions, result.droppedEphemerals) = (replica.sessions.count, servers.ephemeralCount)
            if result.droppedSessions + result.droppedEphemerals > 0 {
                shell.warn(
                    "\(result.droppedSessions) sessions and \(result.droppedEphemerals) ephemeral znodes are left out")
            }
        }
        do throws(StoreError) {
            if let members {
                let highest = max(
                    replica.zxid.epoch, UInt32(epoch ?? 0), sourceEpoch() ?? 0)
                guard highest < UInt32(Int32.max) else {
                    throw StoreError(
                        kind: .unusable, file: name, problem: "its epoch is the highest there is",
                        wayOut: "Restore it into a new ensemble, as a plan.")
                }
                try servers.write(members, epoch: highest + 1)
                (result.members, result.epoch) = (members, highest + 1)
            } else {
                try servers.writeOne()
            }
        } catch {
            throw ShellError(error)
        }
        try shell.emit(result)
    }

    /// What the epoch files beside SRC say.
    private func sourceEpoch() -> UInt32? {
        var name = src.word.text
        if name.hasPrefix(OfflineSource.prefix) {
            name = (try? OfflineSource(String(name.dropFirst(OfflineSource.prefix.count)), hasPath: false).path) ?? name
        }
        return RestoredServers.recordedEpoch(in: name)
    }

    private static func absolute(_ path: String) -> String {
        var text = path
        while text.count > 1, text.hasSuffix("/") { text.removeLast() }
        guard !text.hasPrefix("/") else { return text }
        guard let here = getcwd(nil, 0) else { return text }
        defer { free(here) }
        return String(cString: here) + "/" + text
    }
}

/// What was written.
private struct RestoredResult: ShellResult {
    var directory: String
    var znodes: Int
    var zxid: Zxid
    var members: [RestoredServers.Member] = []
    var epoch: UInt32?
    var droppedSessions = 0
    var droppedEphemerals = 0

    private func configuration(_ number: Int) -> String { "\(directory)/\(RestoredServers.name(number))/zoo.cfg" }

    var json: JSONValue {
        .members([
            "directory": .string(directory), "znodes": .int(Int64(znodes)), "zxid": .string(zxid.description),
            "epoch": epoch.map { .int(Int64($0)) },
            "servers": members.isEmpty
                ? nil
                : .array(
                    members.enumerated().map { index, member in
                        .members([
                            "id": .int(Int64(index + 1)), "host": .string(member.host),
                            "clientPort": .int(Int64(member.clientPort)), "config": .string(configuration(index + 1)),
                        ])
                    }),
            "droppedSessions": .int(Int64(droppedSessions)), "droppedEphemerals": .int(Int64(droppedEphemerals)),
        ])
    }

    func writePlain(to output: Output) throws(ShellError) {
        try output.writeLine("\(directory): \(znodes) znodes, as of \(zxid)")
        guard let epoch else { return try output.writeLine("start a server with dataDir=\(directory)") }
        try output.writeLine("epoch \(epoch). Put each directory at this path on its host, and start there:")
        for (index, member) in members.enumerated() {
            try output.writeLine("  \(member.host)  zkServer.sh start \(configuration(index + 1))")
        }
        let hosts = members.map { "\($0.host):\($0.clientPort)" }.joined(separator: ",")
        try output.writeLine(
            "Clients connect to \(hosts). Those that still run must be started anew: a server refuses a")
        try output.writeLine("client that has seen a later zxid than the server has.")
    }
}
