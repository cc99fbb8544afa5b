import ShellLanguage

/// The text of `help COMMAND`, made from the declaration.
public enum CommandHelp {
    public static func text(of command: any ShellCommand.Type) -> String {
        let declaration = command.declaration
        let schema = CommandSchema.of(command)
        var lines = ["\(declaration.name): \(declaration.abstract)", ""]
        lines += wrap(bracketed: synopsis(of: command), columns: 76).enumerated().map { index, line in
            (index == 0 ? "  " : "      ") + line
        }
        for alias in declaration.aliases {
            let words = [declaration.name] + alias.addedWords
            lines.append("  \(alias.name) is \(words.joined(separator: " "))")
        }
        if !declaration.discussion.isEmpty {
            lines.append("")
            lines += paragraphs(of: declaration.discussion).flatMap { $0.isEmpty ? [""] : wrap($0, columns: 80) }
        }
        lines += argumentLines(schema)
        lines += ["", "Examples:"] + exampleLines(declaration).map { "  " + $0 }
        lines += ["", "Exit status:", "    0  success"]
        for status in declaration.exitStatuses {
            let code = String(status.code.rawValue)
            lines.append("  \(String(repeating: " ", count: max(0, 3 - code.count)))\(code)  \(status.meaning)")
        }
        lines.append("    2  wrong usage; 3  no connection; others: `help exit-codes`")
        return lines.joined(separator: "\n") + "\n"
    }

    /// The arguments with their explanations, operands first, under a heading; nothing where there are none.
    static func argumentLines(_ schema: CommandSchema) -> [String] {
        let visible = schema.arguments.filter { !$0.isHidden }
        guard !visible.isEmpty else { return [] }
        let rows =
            visible.filter { $0.kind == .positional }.map(row) + visible.filter { $0.kind != .positional }.map(row)
        let width = min(28, rows.map(\.left.count).max() ?? 0)
        return ["", "Arguments:"] + rows.flatMap { layOut($0, width: width) }
    }

    /// `ls [-s] [-w] [-R] [PATH…]`
    public static func synopsis(of command: any ShellCommand.Type) -> String {
        let declaration = command.declaration
        if let synopsis = declaration.synopsis { return synopsis }
        let schema = CommandSchema.of(command)
        var parts = [declaration.name]
        for argument in schema.options where !argument.isHidden {
            let spelling = argument.names.first?.spelling ?? ""
            let value = argument.kind == .option ? " " + argument.valueName.uppercased() : ""
            let repeats = argument.isRepeating ? "…" : ""
            parts.append(argument.isOptional ? "[\(spelling)\(value)]\(repeats)" : "\(spelling)\(value)\(repeats)")
        }
        for argument in schema.operands where !argument.isHidden { parts.append(Self.synopsis(ofOperand: argument)) }
        return parts.joined(separator: " ")
    }

    /// `PATH…`, `[-- CMD…]`
    static func synopsis(ofOperand argument: CommandSchema.Argument) -> String {
        let name = argument.valueName.uppercased() + (argument.isRepeating ? "…" : "")
        let marked = argument.strategy == .afterTerminator ? "-- \(name)" : name
        return argument.isOptional ? "[\(marked)]" : marked
    }

    /// The examples, with their explanations below each other.
    static func exampleLines(_ declaration: CommandDeclaration) -> [String] {
        let width = declaration.examples.map(\.line.count).max() ?? 0
        return declaration.examples.map { example in
            let padding = String(repeating: " ", count: width - example.line.count)
            return "\(example.line)\(padding)  \(example.explanation)"
        }
    }

    private static func row(_ argument: CommandSchema.Argument) -> (left: String, right: String) {
        var left = argument.names.map(\.spelling).joined(separator: ", ")
        if argument.kind != .flag {
            left += (left.isEmpty ? "" : " ") + argument.valueName.uppercased() + (argument.isRepeating ? "…" : "")
        }
        var right = argument.abstract
        if !argument.allowedValues.isEmpty { right += " One of \(argument.allowedValues.joined(separator: ", "))." }
        if let value = argument.defaultValue, argument.kind == .option { right += " Default: \(value)." }
        return (left, right)
    }

    private static func layOut(_ row: (left: String, right: String), width: Int) -> [String] {
        let indent = String(repeating: " ", count: width + 4)
        let text = wrap(row.right, columns: 78 - width - 4)
        let first = text.first ?? ""
        let rest = text.dropFirst().map { indent + $0 }
        if row.left.count > width { return ["  " + row.left, indent + first] + rest }
        let padding = String(repeating: " ", count: width - row.left.count + 2)
        return ["  " + row.left + (first.isEmpty ? "" : padding + first)] + rest
    }

    /// The paragraphs with an empty one between them; indented lines are of their own.
    private static func paragraphs(of text: String) -> [String] {
        var paragraphs: [String] = []
        for line in text.split(separator: "\n", omittingEmptySubsequences: false) {
            if let last = paragraphs.last, !last.isEmpty, !line.isEmpty, line.first != " ", last.first != " " {
                paragraphs[paragraphs.count - 1] += " " + line
            } else {
                paragraphs.append(String(line))
            }
        }
        return paragraphs
    }

    /// Keeps `[-d DEPTH]` together.
    private static func wrap(bracketed text: String, columns: Int) -> [String] {
        var words: [String] = []
        var depth = 0
        for word in text.split(separator: " ") {
            if depth > 0 { words[words.count - 1] += " " + word } else { words.append(String(word)) }
            depth += word.count { $0 == "[" } - word.count { $0 == "]" }
        }
        return wrap(words, columns: columns)
    }

    static func wrap(_ text: String, columns: Int) -> [String] {
        guard text.first != " " else { return [text] }
        return wrap(text.split(separator: " ").map(String.init), columns: columns)
    }

    private static func wrap(_ words: [String], columns: Int) -> [String] {
        var lines: [String] = []
        var line = ""
        for word in words {
            if !line.isEmpty, line.count + 1 + word.count > columns {
                lines.append(line)
                line = ""
            }
            line += (line.isEmpty ? "" : " ") + word
        }
        if !line.isEmpty { lines.append(line) }
        return lines
    }
}
