internal import ShellLanguage
internal import ZKClient
internal import ZKText

struct StatusCommand: ShellCommand {
    static let declaration = CommandDeclaration(
        name: "status", group: .server, abstract: "Show what every server of the ensemble is and how it does.",
        discussion: """
            Asks all servers of the connect string, and those that their configuration tells of, at once and without a
            session: by the four-letter words srvr, mntr and conf, and where those are closed by the admin server.
            LAG is the number of txns behind the leader. The line under the table says whether there is a quorum and
            how many more servers may fail; what is odd follows, one line each.
            """,
        examples: [
            .init("status", "the ensemble of the session"),
            .init("status --servers zk1:2181,zk2:2181 --json", "other servers, for a script"),
            .init("status --watch 2s", "again every two seconds until Ctrl-C"),
        ],
        exitStatuses: [
            .init(.failure, "a quorum serves, but something is odd or down"), .init(.connection, "nobody serves"),
        ])

    @Option(help: ArgumentHelp("Ask these servers, host:port separated by commas.", valueName: "hosts"))
    var servers: String?

    @Option(help: ArgumentHelp("Again and again, with this pause.", valueName: "dur"))
    var watch: DurationOperand?

    @Flag(help: "One JSON object a line, as with the global option --json.")
    var json = false

    @Option(help: ArgumentHelp("Port of the admin servers; 0 leaves them.", valueName: "port"))
    var adminPort = AdminServer.defaultPort

    @Option(help: ArgumentHelp("How long a server may take to answer. Default: 3s.", valueName: "dur"))
    var timeout: DurationOperand?

    func run(in shell: ShellContext) async throws {
        guard (0...65535).contains(adminPort) else { throw UsageError("--admin-port: a port is 0 to 65535") }
        let endpoints = try shell.endpoints(servers.map { [$0] } ?? [])
        let probe = StatusProbe(
            timeout: timeout?.duration ?? shell.options.probeTimeout, adminPort: adminPort == 0 ? nil : adminPort)
        guard let watch else {
            let result = try await show(endpoints, probe: probe, in: shell)
            guard result.verdict.health == .healthy else {
                throw ShellError.silent(ExitCode(rawValue: result.verdict.health.exitStatus))
            }
            return
        }
        while true {
            _ = try await show(endpoints, probe: probe, in: shell)
            try shell.output.flush()
            try await Task.sleep(for: watch.duration)
            if !json && shell.options.output != .json { try shell.output.writeLine() }
        }
    }

    private func show(
        _ endpoints: [StatusProbe.Endpoint], probe: StatusProbe, in shell: ShellContext
    ) async throws -> StatusResult {
        async let known = servers == nil ? shell.connectedMembership() : nil
        let statuses = await probe.ask(endpoints, knowing: await known)
        try Task.checkCancellation()
        let result = StatusResult(servers: statuses, verdict: EnsembleVerdict(of: statuses))
        if json {
            try shell.output.write(result.json.serialized)
            try shell.output.writeLine()
        } else {
            try shell.emit(result)
        }
        return result
    }
}
