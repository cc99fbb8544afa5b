internal import ShellLanguage
internal import ZKClient
internal import ZKCore

struct GetEphemeralsCommand: ShellCommand {
    static let declaration = CommandDeclaration(
        name: "getEphemerals", group: .znodes, abstract: "List the ephemeral znodes of this session.",
        discussion: """
            Those of other sessions are asked for by four-letter words, or, where they are not allowed, from the admin
            server on port 8080; their paths are those of the server, without a chroot.
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
        if all || session != nil { return try await listOthers(in: shell) }
        let prefix = try path.map { try shell.resolve($0) }
        let paths = try await shell.client().getEphemerals(prefix: prefix)
        try shell.emit(PathListResult(paths: paths))
    }

    private func listOthers(in shell: ShellContext) async throws {
        guard !(all && session != nil) else { throw UsageError("either --all or --session") }
        let prefix = try path.map { try shell.resolve($0).string } ?? "/"
        let (report, gaps) = try await shell.sessionReport(from: shell.endpoints())
        let paths = report.sessions.filter { session == nil || $0.id == session?.id }
            .flatMap(\.ephemerals).filter { $0.hasPrefix(prefix) }
        try shell.emit(PathListResult(paths: paths.sortedAsJava().map { ZnodePath(unchecked: $0) }))
        for gap in gaps { shell.warn(gap) }
        if !gaps.isEmpty { throw ShellError.silent(.failure) }
    }
}
