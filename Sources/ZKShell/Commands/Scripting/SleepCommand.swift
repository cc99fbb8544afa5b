internal import ShellLanguage

struct SleepCommand: ShellCommand {
    static let declaration = CommandDeclaration(
        name: "sleep", group: .shell, abstract: "Wait for a time.",
        examples: [.init("sleep 500ms", "half a second"), .init("sleep 2", "a bare number is seconds")])

    @Argument(help: "How long: 500ms, 30s, 2m.")
    var dur: SecondsOperand

    func run(in shell: ShellContext) async throws {
        try shell.output.flush()
        try await Task.sleep(for: dur.duration)
    }
}

/// A time whose bare number is seconds, as sleep(1) has it.
struct SecondsOperand: ShellValue {
    var duration: Duration

    init?(argument: String) {
        guard let operand = DurationOperand(argument: argument) ?? DurationOperand(argument: argument + "s") else {
            return nil
        }
        duration = operand.duration
    }

    init(word: Word) throws(UsageError) {
        guard let value = Self(argument: word.text) else {
            throw UsageError("\(word.text) is not a time: write it as 500ms, 30s or 2m; a bare number is seconds")
        }
        self = value
    }
}
