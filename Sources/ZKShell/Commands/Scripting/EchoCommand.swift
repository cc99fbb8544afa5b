internal import ShellLanguage
internal import ZKText

struct EchoCommand: ShellCommand {
    static let declaration = CommandDeclaration(
        name: "echo", group: .shell, abstract: "Print words.",
        examples: [
            .init("echo done", "the words, with a blank between two"),
            .init("echo -n $'a\\tb'", "no newline; $'…' has the escapes of C"),
        ])

    @Flag(name: .customShort("n"), help: "No newline at the end.")
    var omitsNewline = false

    @Argument(help: "What to print.")
    var words: [WordOperand] = []

    func run(in shell: ShellContext) async throws {
        let bytes = Array(words.map(\.word.bytes).joined(separator: [UInt8(ascii: " ")]))
        if shell.options.output == .json {
            return try shell.emit(
                TextResult("", json: .members(["text": .string(String(decoding: bytes, as: UTF8.self))])))
        }
        try shell.output.write(bytes + (omitsNewline ? [] : [.newline]))
    }
}
