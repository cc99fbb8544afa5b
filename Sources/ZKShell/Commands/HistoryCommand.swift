internal import ShellLanguage
internal import ZKText

struct HistoryCommand: ShellCommand {
    static let declaration = CommandDeclaration(
        name: "history", group: .shell, abstract: "List the commands that were typed.",
        examples: [
            .init("history", "the last eleven"), .init("history 50", "the last fifty"),
            .init("history /create", "those with a text in them"), .init("history -c", "forget them all"),
        ],
        isFromZKCLI: true)

    @Flag(name: .customShort("c"), help: "Forget all of them.")
    var clears = false

    @Argument(help: "How many, or /TEXT to search.")
    var selection: String?

    func run(in shell: ShellContext) async throws {
        if clears {
            return shell.session.history.clear()
        }
        let entries = shell.session.history.numbered
        let chosen: [(number: Int, line: String)]
        if let selection, selection.hasPrefix("/") {
            let text = String(selection.dropFirst())
            chosen = entries.filter { $0.line.contains(text) }
        } else if let selection {
            guard let count = Int(selection), count >= 0 else {
                throw UsageError("\(selection) is neither a number nor /TEXT")
            }
            chosen = Array(entries.suffix(count))
        } else {
            chosen = Array(entries.suffix(11))
        }
        for (number, line) in chosen {
            try shell.emit(
                TextResult(
                    "\(number) - \(line)", json: .members(["number": .int(Int64(number)), "line": .string(line)])))
        }
    }
}
