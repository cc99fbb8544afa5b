internal import ShellLanguage
internal import ZKClient
internal import ZKCore
internal import ZKReplica

struct GetEphemeralsCommand: ShellCommand {
    static let declaration = CommandDeclaration(
        name: "getEphemerals", group: .znodes, abstract: "List the ephemeral znodes of this session.",
        discussion: """
            Those of other sessions are asked for by four-letter words, or, where they are not allowed, from the admin
            server on port 8080; their paths are those of the server, without a chroot. Offline the files tell.
            """,
        examples: [
            .init("getEphemerals", "all of them"), .init("getEphemerals /app", "those below /app"),
            .init("getEphemerals --all", "of every session"),
        ],
        isFromZKCLI: true)

    @Flag(help: "Of every session.")
    var all = false

    @Option(help: ArgumentHelp("Of this session (hexadecimal).", valueName: "sid"))
    var session: SessionIDOperand?

    @Argument(help: "Only paths that start with this.")
    var path: PathOperand?

    func run(in shell: ShellContext) async throws {
        if let replica = try shell.offlineReplica() { return try list(replica, in: shell) }
        if all || session != nil { return try await listOthers(in: shell) }
        let prefix = try path.map { try shell.resolve($0) }
        let paths = try await shell.client().getEphemerals(prefix: prefix)
        try shell.emit(PathListResult(paths: paths))
    }

    private func list(_ replica: Replica, in shell: ShellContext) throws {
        try checkChoice()
        guard all || session != nil else {
            throw UsageError("offline there is no session of one's own: name --all or --session")
        }
        let prefix = try path.map { try shell.resolve($0).string } ?? "/"
        let paths = (session.map { [$0.id] } ?? replica.sessionsWithEphemerals)
            .flatMap { replica.ephemeralPaths(of: $0) }.map(\.string).filter { $0.hasPrefix(prefix) }
        try shell.emit(PathListResult(paths: paths.sortedAsJava().map { ZnodePath(unchecked: $0) }))
    }

    private func checkChoice() throws(UsageError) {
        guard !(all && session != nil) else { throw UsageError("either --all or --session") }
    }

    private func listOthers(in shell: ShellContext) async throws {
        try checkChoice()
        let prefix = try path.map { try shell.resolve($0).string } ?? "/"
        let (report, gaps) = try await shell.sessionReport(from: shell.endpoints())
        let paths = report.sessions.filter { session == nil || $0.id == session?.id }
            .flatMap(\.ephemerals).filter { $0.hasPrefix(prefix) }
        try shell.emit(PathListResult(paths: paths.sortedAsJava().map { ZnodePath(unchecked: $0) }))
        for gap in gaps { shell.warn(gap) }
        if !gaps.isEmpty { throw ShellError.silent(.failure) }
    }
}
