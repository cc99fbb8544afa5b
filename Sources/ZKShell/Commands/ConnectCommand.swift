internal import ShellLanguage
internal import ZKClient
internal import ZKText

struct ConnectCommand: ShellCommand {
    static let declaration = CommandDeclaration(
        name: "connect", group: .server, abstract: "End the session and start another.",
        discussion: """
            Ephemeral znodes and watches of the old session are gone. The working znode stays. Identities go along only
            where one of the hosts is the same: another ensemble is not told them.
            """,
        examples: [
            .init("connect", "the same servers"), .init("connect zk1:2181,zk2:2181/app", "other servers, below /app"),
        ],
        exitStatuses: [.init(.connection, "no server was reached")], isFromZKCLI: true)

    @Argument(help: "Connect string; the present one if left out.", completion: .host)
    var hosts: String?

    func run(in shell: ShellContext) async throws {
        try shell.refuseOffline()
        let client = try await shell.session.connection.connect(to: hosts.map { try ConnectString($0) })
        try shell.emit(DoneResult(details: [.init(name: "session", value: .string(Hex.number(client.session.id)))]))
    }
}
