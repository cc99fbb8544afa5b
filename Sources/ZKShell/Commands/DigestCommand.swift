internal import ArgumentParser
internal import ZKCore

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
        try shell.emit(DigestResult(id: Self.id(of: bytes)))
    }

    /// `user:` and the base64 of the SHA-1 of `user:password`. Source: `DigestAuthenticationProvider.generateDigest`.
    static func id(of credentials: [UInt8]) -> String {
        let user = credentials.prefix { $0 != UInt8(ascii: ":") }
        return String(decoding: user, as: UTF8.self) + ":" + Base64.encode(SHA1.hash(credentials))
    }
}

private struct DigestResult: ShellResult {
    var id: String

    var json: JSONValue { .members(["scheme": "digest", "id": .string(id)]) }

    func writePlain(to output: Output) throws(ShellError) {
        try output.writeLine(id)
    }
}
