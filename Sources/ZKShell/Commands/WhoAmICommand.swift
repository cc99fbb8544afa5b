internal import ShellLanguage
internal import ZKClient
internal import ZKCore
internal import ZKText

struct WhoAmICommand: ShellCommand {
    static let declaration = CommandDeclaration(
        name: "whoami", group: .access, abstract: "Print the identities of the connection.",
        examples: [
            .init("whoami", "scheme and user, one a line"),
            .init("addauth digest me:secret ; whoami", "whether an identity was taken"),
        ],
        exitStatuses: [.init(.refused, "the server is older than 3.7")], isFromZKCLI: true)

    func run(in shell: ShellContext) async throws {
        try shell.emit(Result(identities: try await shell.client().whoAmI()))
    }

    private struct Result: ShellResult {
        let identities: [ACLIdentity]

        var json: JSONValue {
            .members([
                "identities": .array(
                    identities.map {
                        .members(["scheme": .string($0.scheme.string), "user": .string($0.id.string)])
                    })
            ])
        }

        func writePlain(to output: Output) throws(ShellError) {
            try output.writeLine("Auth scheme: User")
            for identity in identities { try output.writeLine("\(identity.scheme): \(identity.id)") }
        }
    }
}
