internal import ArgumentParser

/// What ``ArgumentMatcher`` and ``CommandDecoder`` need of a schema, in a text that is part of the program: to ask
/// swift-argument-parser takes a third of the time in which a single command is done.
///
/// A line for each argument, in the order of their declaration, with tabs between its fields: kind, marks, name of the
/// value, names, and the default value when there is one.
extension CommandSchema {
    #if !DEBUG
        private static let matching = SchemaCache()
    #endif

    /// The schema by which the words for `command` are matched: without descriptions and completions.
    static func forMatching(_ command: any ParsableArguments.Type) -> CommandSchema {
        #if DEBUG
            // While declarations are being changed the stored text is behind them.
            return of(command)
        #else
            return matching.schema(of: command) {
                storedSchema("\(command)").map { CommandSchema(stored: $0) } ?? of(command)
            }
        #endif
    }

    convenience init(stored text: String) {
        self.init(arguments: text.split(separator: "\n").map { Argument(stored: $0) })
    }

    var storedText: String { arguments.map(\.storedLine).joined(separator: "\n") }
}

extension CommandSchema.Argument {
    private enum Mark {
        static let optional = Character("o")
        static let repeating = Character("r")
        static let hidden = Character("h")
        static let allRemaining = Character("a")
        static let afterTerminator = Character("t")
    }

    fileprivate init(stored line: Substring) {
        let fields = line.split(separator: "\t", maxSplits: 4, omittingEmptySubsequences: false)
        guard fields.count >= 4, let kind = Kind(rawValue: String(fields[0])) else {
            preconditionFailure("a stored schema has the line \(line)")
        }
        let marks = fields[1]
        let strategy: Strategy =
            marks.contains(Mark.allRemaining)
            ? .allRemaining : marks.contains(Mark.afterTerminator) ? .afterTerminator : .operands
        self.init(
            kind: kind, names: fields[3].split(separator: " ").map(CommandSchema.Name.init(spelling:)),
            valueName: String(fields[2]), isOptional: marks.contains(Mark.optional),
            isRepeating: marks.contains(Mark.repeating), isHidden: marks.contains(Mark.hidden), strategy: strategy,
            defaultValue: fields.count > 4 ? String(fields[4]) : nil, allowedValues: [], completion: .none,
            abstract: "", discussion: "")
    }

    fileprivate var storedLine: String {
        var marks = ""
        if isOptional { marks.append(Mark.optional) }
        if isRepeating { marks.append(Mark.repeating) }
        if isHidden { marks.append(Mark.hidden) }
        switch strategy {
        case .operands: break
        case .allRemaining: marks.append(Mark.allRemaining)
        case .afterTerminator: marks.append(Mark.afterTerminator)
        }
        var fields = [kind.rawValue, marks, valueName, names.map(\.spelling).joined(separator: " ")]
        if let defaultValue { fields.append(defaultValue) }
        return fields.joined(separator: "\t")
    }
}

extension CommandSchema.Name {
    fileprivate init(spelling: Substring) {
        let text = spelling.drop { $0 == "-" }
        kind = spelling.hasPrefix("--") ? .long : text.count == 1 ? .short : .longWithSingleDash
        self.text = String(text)
    }
}

/// The file with all of them, which `make manuals` writes.
enum StoredSchemas {
    static let path = "Sources/ZKShell/Arguments/StoredSchemas.swift"
    static let types: [any ParsableArguments.Type] = [GlobalOptions.self] + shellCommands

    static var sourceText: String {
        // A function, since a dictionary would be made of all of them when one is asked for.
        var text = """
            // swift-format-ignore-file
            /// What `CommandSchema+Stored.swift` reads. Made from the declarations by `make manuals`: change those, not this.
            func storedSchema(_ name: String) -> String? {
                switch name {

            """
        let texts = Dictionary(types.map { ("\($0)", CommandSchema.of($0).storedText) }) { first, _ in first }
        for (name, lines) in texts.sorted(by: { $0.key < $1.key }) {
            text += "    case \"\(name)\": \"\"\"\n"
            for line in lines.split(separator: "\n") {
                let escaped = line.flatMap { $0 == "\t" ? ["\\", "t"] : $0 == "\\" ? ["\\", "\\"] : [$0] }
                text += "        \(String(escaped))\n"
            }
            text += "        \"\"\"\n"
        }
        return text + "    default: nil\n    }\n}\n"
    }
}
