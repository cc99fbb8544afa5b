internal import ShellLanguage
internal import ZKText

struct AliasCommand: ShellCommand {
    static let declaration = CommandDeclaration(
        name: "alias", group: .shell, abstract: "Give a name to a command and its first words.",
        discussion: """
            Without operands the aliases are listed, in a form that can be typed again. They last as long as the shell;
            the section [alias] of the config file keeps them.
            """,
        synopsis: "alias [NAME=COMMAND [WORD…]]",
        examples: [
            .init("alias lt=ls -l --sort mtime -r", "then lt /app"), .init("alias", "all of them"),
            .init("alias lt", "one"),
        ],
        exitStatuses: [.init(.failure, "there is no such alias")])

    @Argument(parsing: .allRemaining, help: "NAME=COMMAND, or the NAME of one to show.")
    var definition: [WordOperand] = []

    func run(in shell: ShellContext) async throws {
        guard let first = definition.first?.word.text else {
            for (name, alias) in shell.session.aliases.sorted(by: { $0.key < $1.key }) {
                try show(name, alias, in: shell)
            }
            return
        }
        guard let equals = first.firstIndex(of: "=") else {
            guard definition.count == 1 else {
                throw UsageError("write alias NAME=COMMAND, without blanks around the =")
            }
            guard let alias = shell.session.aliases[first] else {
                throw ShellError(.failure, "\(first): no such alias")
            }
            return try show(first, alias, in: shell)
        }
        let name = String(first[..<equals])
        guard Self.isName(name) else { throw UsageError("\(name) cannot be the name of an alias") }
        let text = ([String(first[first.index(after: equals)...])] + definition.dropFirst().map(\.word.text))
            .joined(separator: " ")
        shell.session.aliases[name] = try CommandAlias(text: Self.unquoted(text))
    }

    /// No operator, quote or comment.
    static func isName(_ text: String) -> Bool {
        !text.isEmpty && !text.hasPrefix("-")
            && text.utf8.allSatisfy { $0 > 0x20 && $0 != 0x7F && !"'\"#;|&<>!=\\$".utf8.contains($0) }
    }

    /// `ll='ls -l'`, as other shells want it.
    private static func unquoted(_ text: String) -> String {
        guard text.count > 1, let quote = text.first, quote == "'" || quote == "\"", text.last == quote else {
            return text
        }
        return String(text.dropFirst().dropLast())
    }

    private func show(_ name: String, _ alias: CommandAlias, in shell: ShellContext) throws(ShellError) {
        try shell.emit(
            TextResult(
                "alias \(name)=\(alias.text)",
                json: .members(["name": .string(name), "command": .string(alias.text)])))
    }
}

struct UnaliasCommand: ShellCommand {
    static let declaration = CommandDeclaration(
        name: "unalias", group: .shell, abstract: "Forget aliases.",
        examples: [.init("unalias lt", "one"), .init("unalias -a", "all of them")],
        exitStatuses: [.init(.failure, "there is no such alias")])

    @Flag(name: .customShort("a"), help: "All of them.")
    var forgetsAll = false

    @Argument(help: "Their names.")
    var name: [String] = []

    func run(in shell: ShellContext) async throws {
        guard forgetsAll == name.isEmpty else { throw UsageError("either -a or the names of aliases") }
        if forgetsAll { shell.session.aliases = [:] }
        for name in name {
            guard shell.session.aliases[name] != nil else { throw ShellError(.failure, "\(name): no such alias") }
            shell.session.aliases[name] = nil
        }
    }
}
