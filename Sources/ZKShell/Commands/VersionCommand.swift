internal import ShellLanguage
internal import ZKClient
internal import ZKText

struct VersionCommand: ShellCommand {
    static let declaration = CommandDeclaration(
        name: "version", group: .server, abstract: "Print the versions of the shell and, when connected, the server.",
        discussion: "The server is asked with the four-letter word srvr, which its 4lw.commands.whitelist must allow.",
        examples: [
            .init("version", "zoosh, and the server"), .init("version > versions.txt", "for a report"),
        ], isFromZKCLI: true)

    func run(in shell: ShellContext) async throws {
        let server = await serverVersion(shell)
        var text = "zoosh \(UsageText.version)"
        if let server { text += "\nserver \(server)" }
        try shell.emit(
            TextResult(
                text,
                json: .members([
                    "version": .string(UsageText.version), "server": server.map { .string($0) } ?? .null,
                ])))
    }

    /// Nil without a connection, and when the server does not tell.
    private func serverVersion(_ shell: ShellContext) async -> String? {
        guard let client = shell.session.connection.currentClient, let server = client.session.server,
            let host = (try? ConnectString(server))?.hosts.first,
            let answer = try? await FourLetterWord.ask(
                "srvr", host: host.name, port: host.port, timeout: shell.options.probeTimeout)
        else { return nil }
        let prefix = "Zookeeper version: "
        return answer.split(separator: "\n").first { $0.hasPrefix(prefix) }.map { String($0.dropFirst(prefix.count)) }
    }
}
