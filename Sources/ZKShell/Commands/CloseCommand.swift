internal import ShellLanguage

struct CloseCommand: ShellCommand {
    static let declaration = CommandDeclaration(
        name: "close", group: .server, abstract: "End the session.",
        discussion: "Its ephemeral znodes and watches are gone. Commands fail until `connect`.",
        examples: [
            .init("close", "end the session, stay in the shell"),
            .init("close ; connect", "a new session, without the ephemerals and watches of the old one"),
        ], isFromZKCLI: true)

    func run(in shell: ShellContext) async throws {
        try shell.refuseOffline()
        await shell.session.connection.close()
        try shell.emit(DoneResult())
    }
}
