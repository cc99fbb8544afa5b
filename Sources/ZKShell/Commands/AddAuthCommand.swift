internal import ShellLanguage
internal import ZKClient

struct AddAuthCommand: ShellCommand {
    static let declaration = CommandDeclaration(
        name: "addauth", group: .access, abstract: "Add an identity to the session.",
        discussion: """
            The identity is sent again after each reconnect. The line is not stored in the history. A server that refuses it
            ends the session, with its ephemeral znodes and watches; a script ends there.
            """,
        examples: [
            .init("addauth digest joe:secret", "user and password"),
            .init("addauth digest", "ask for them, without echo"),
        ],
        exitStatuses: [.init(.noAuth, "the server refuses")], isFromZKCLI: true, hasSecrets: true)

    @Argument(help: "digest, ip, x509, sasl, …", completion: .list(["digest", "ip", "x509", "sasl"]))
    var scheme: String

    @Argument(help: "The credentials, such as user:password; asked for on a terminal when left out.")
    var auth: WordOperand?

    func run(in shell: ShellContext) async throws {
        let credentials: [UInt8]
        if let auth {
            credentials = auth.word.bytes
        } else {
            guard shell.session.input.isTerminal, !shell.options.neverPrompts else {
                throw UsageError("missing operand AUTH; it is asked for only on a terminal")
            }
            guard let answer = try await shell.session.input.ask("credentials for \(scheme): ", echo: false) else {
                throw ShellError.silent(.usage)
            }
            credentials = Array(answer.utf8)
        }
        try await shell.session.connection.addAuth(AuthInfo(scheme: scheme, credentials: credentials))
        try shell.emit(DoneResult())
    }
}
