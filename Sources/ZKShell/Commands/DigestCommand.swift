internal import ShellLanguage
internal import ZKCore
internal import ZKDigest
internal import ZKText

struct DigestCommand: ShellCommand {
    static let declaration = CommandDeclaration(
        name: "digest", group: .access, abstract: "Print the ID for ACLs of the digest scheme.",
        discussion: "Computed here, without a server. Without PASS it is asked for, and not shown while it is typed.",
        examples: [
            .init("digest joe:secret", "joe: and the base64 of a SHA-1"),
            .init("digest joe", "asks for the password"),
        ], hasSecrets: true)

    @Argument(help: ArgumentHelp("User and password.", valueName: "user[:pass]"))
    var credentials: WordOperand

    func run(in shell: ShellContext) async throws {
        var bytes = credentials.word.bytes
        if !bytes.contains(UInt8(ascii: ":")) {
            guard shell.input.isTerminal, !shell.options.neverPrompts else {
                throw UsageError("the password is missing: write USER:PASS")
            }
            guard let password = try await shell.input.ask("Password: ", echo: false) else {
                throw ShellError(.interrupted, "no password")
            }
            bytes += Array((":" + password).utf8)
        }
        try shell.emit(DigestResult(id: String(decoding: DigestIdentity.id(ofCredentials: bytes), as: UTF8.self)))
    }
}

private struct DigestResult: ShellResult {
    var id: String

    var json: JSONValue { .members(["scheme": "digest", "id": .string(id)]) }

    func writePlain(to output: Output) throws(ShellError) {
        try output.writeLine(id)
    }
}
