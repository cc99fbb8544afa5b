import ShellLanguage

/// A page in mdoc, the language of manual pages.
struct ManualPage {
    private var lines: [String]

    /// - Parameter name: with its section, such as `zoosh(1)`.
    init(_ name: String, section: Int, abstract: String) {
        lines = [
            ".\\\" Made from the declarations of zoosh's commands: change those, not this file.",
            ".Dd \(Self.date)", ".Dt \(name.uppercased()) \(section)", ".Os", ".Sh NAME", ".Nm \(name)",
            ".Nd \(Self.escaped(abstract))",
        ]
    }

    /// Of the last change of substance to what the pages say beside the declarations.
    private static let date = "November 21, 2026"

    var text: String { lines.joined(separator: "\n") + "\n" }

    // MARK: Structure

    mutating func section(_ name: String) { lines.append(".Sh \(name)") }

    mutating func subsection(_ name: String) { lines.append(".Ss \(name)") }

    /// A line of macros.
    mutating func macro(_ line: String) { lines.append(line) }

    mutating func paragraph(_ text: String) {
        breakParagraph()
        prose(text)
    }

    mutating func breakParagraph() {
        // A section begins with a paragraph of its own.
        if lines.last?.hasPrefix(".S") == false { lines.append(".Pp") }
    }

    /// Text that is filled, except for its lines that begin with a blank: they stay as they are.
    mutating func prose(_ text: String) {
        var filled: [Substring] = []
        var literal: [Substring] = []
        for line in text.split(separator: "\n", omittingEmptySubsequences: false) {
            if line.hasPrefix(" ") {
                fill(&filled)
                literal.append(line.drop { $0 == " " })
            } else {
                display(&literal)
                if line.isEmpty { fill(&filled) } else { filled.append(line) }
            }
        }
        display(&literal)
        fill(&filled)
    }

    mutating func literal(_ text: String) {
        // A display has its distance itself.
        if lines.last == ".Pp" { lines.removeLast() }
        lines.append(".Bd -literal -offset 2n")
        lines += text.split(separator: "\n", omittingEmptySubsequences: false).map { Self.line($0) }
        lines.append(".Ed")
    }

    /// A list of terms, each with a text.
    mutating func list(_ items: [(term: String, text: String)], width: String = "Ds") {
        guard !items.isEmpty else { return }
        lines.append(".Bl -tag -width \(width) -compact")
        for item in items {
            lines.append(".It \(item.term)")
            prose(item.text)
        }
        lines.append(".El")
    }

    private mutating func fill(_ filled: inout [Substring]) {
        defer { filled = [] }
        // Each sentence begins on a line of its own, which is what formatters expect.
        var line = ""
        for word in filled.joined(separator: " ").split(separator: " ") {
            if !line.isEmpty, line.utf8.count + 1 + word.utf8.count > 76 || Self.endsSentence(line, before: word) {
                lines.append(Self.line(line[...]))
                line = ""
            }
            line += (line.isEmpty ? "" : " ") + word
        }
        if !line.isEmpty { lines.append(Self.line(line[...])) }
    }

    private mutating func display(_ literal: inout [Substring]) {
        defer { literal = [] }
        if !literal.isEmpty { self.literal(literal.joined(separator: "\n")) }
    }

    private static func endsSentence(_ line: String, before word: Substring) -> Bool {
        guard word.first?.isLowercase != true else { return false }
        guard let last = line.drop(while: { $0 == " " }).last(where: { $0 != ")" }) else { return false }
        return last == "." || last == "?" || last == "!"
    }

    // MARK: Escapes

    /// A line of text: none of its characters means anything to the formatter.
    private static func line(_ text: Substring) -> String {
        let escaped = escaped(String(text))
        return escaped.hasPrefix(".") || escaped.hasPrefix("'") ? "\\&" + escaped : escaped
    }

    static func escaped(_ text: String) -> String {
        text.replacing("\\", with: "\\e").replacing("`", with: "\\(ga")
    }

    /// A word behind a macro: not taken for a macro or for punctuation itself.
    static func argument(_ text: String) -> String {
        let escaped = escaped(text).replacing("\"", with: "\\(dq")
        if escaped.contains(" ") { return "\"\(escaped)\"" }
        let isMacro = (2...3).contains(escaped.count) && escaped.first?.isUppercase == true
        let isPunctuation = escaped.count == 1 && ".,:;()[]?!|".contains(escaped)
        return isMacro || isPunctuation ? "\\&" + escaped : escaped.isEmpty ? "\"\"" : escaped
    }
}

// MARK: Arguments

extension ManualPage {
    /// `Fl s , Fl -server Ar hosts`
    static func term(_ argument: CommandSchema.Argument) -> String {
        guard argument.kind != .positional else { return operand(argument) }
        let names = argument.names.map { "Fl \(Self.argument(String($0.spelling.dropFirst())))" }
        let value = argument.kind == .option ? " Ar \(Self.argument(argument.valueName))" : ""
        return names.joined(separator: " , ") + value
    }

    /// The explanation of an argument, with its values and its default.
    static func explanation(_ argument: CommandSchema.Argument) -> String {
        var text = argument.abstract
        if !argument.allowedValues.isEmpty { text += " One of \(argument.allowedValues.joined(separator: ", "))." }
        if let value = argument.defaultValue, argument.kind == .option { text += " Default: \(value)." }
        return text
    }

    private static func operand(_ argument: CommandSchema.Argument) -> String {
        let dashes = argument.strategy == .afterTerminator ? "Fl - " : ""
        return dashes + "Ar \(Self.argument(argument.valueName))" + (argument.isRepeating ? " ..." : "")
    }

    /// The arguments of a command as in its synopsis, a macro a line.
    static func synopsis(_ schema: CommandSchema) -> [String] {
        let visible = schema.arguments.filter { !$0.isHidden }
        let ordered = visible.filter { $0.kind != .positional } + visible.filter { $0.kind == .positional }
        return ordered.map { argument in
            var words = operand(argument)
            if argument.kind != .positional {
                let name = argument.names.first?.spelling ?? ""
                words = "Fl \(Self.argument(String(name.dropFirst())))"
                if argument.kind == .option { words += " Ar \(Self.argument(argument.valueName))" }
                if argument.isRepeating && argument.kind == .option { words += " ..." }
            }
            return argument.isOptional ? ".Op \(words)" : ".\(words)"
        }
    }

    /// The options and operands of `schema` that have something to say.
    mutating func arguments(_ schema: CommandSchema, options: Bool = true) {
        let visible = schema.arguments.filter { !$0.isHidden && (options || $0.kind == .positional) }
        let ordered = visible.filter { $0.kind == .positional } + visible.filter { $0.kind != .positional }
        list(ordered.map { (Self.term($0), Self.explanation($0)) })
    }
}
