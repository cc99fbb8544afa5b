internal import ShellLanguage
internal import ZKCore

/// The line that `find --exec` runs for each znode.
enum ExecLine {
    /// The variable of the environment that tells a system command the path.
    static let pathVariable = "ZOOSH_PATH"
    private static let braces = Array("{}".utf8)

    /// Refuses a line that is not complete, and `{}` where a path could be taken for something else.
    ///
    /// - Throws: ``ShellError`` 2.
    static func check(_ text: String) throws {
        _ = try commands(of: text, for: ZnodePath.root)
    }

    /// The commands of `text`.
    ///
    /// - Parameter path: takes the place of each `{}`, as one word or a part of one, whatever is in it.
    static func commands(of text: String, for path: ZnodePath) throws -> CommandList {
        guard case .list(var list, _) = try CommandListParser.parse(Array(text.utf8)) else {
            throw ShellError.usage("\(text): the line is not complete; close its quotes")
        }
        for index in list.items.indices {
            let invocation = list.items[index].invocation
            list.items[index].invocation.words = words(invocation.words, for: Array(path.string.utf8))
            if let command = invocation.systemCommand {
                list.items[index].invocation.systemCommand = try systemText(command)
            }
            switch invocation.output {
            case .pipe(let command): list.items[index].invocation.output = .pipe(try systemText(command))
            case .file(let word, _): try refuse(word)
            case nil: break
            }
            if case .file(let word) = invocation.input { try refuse(word) }
        }
        return list
    }

    /// A word that is itself a line for --exec is left alone: its `{}` are its own, and a path put into it would be read
    /// as a part of the line.
    private static func words(_ words: [Word], for path: [UInt8]) -> [Word] {
        var result: [Word] = []
        var isLine = false
        for word in words {
            let startsLine = !word.startsLiterally && word.bytes.starts(with: Array("--exec".utf8))
            result.append(isLine || startsLine ? word : replacing(word, by: path))
            isLine = startsLine && word.isBare("--exec")
        }
        return result
    }

    private static func replacing(_ word: Word, by path: [UInt8]) -> Word {
        let bytes = word.bytes.replacing(braces, with: path)
        // Quoted, since no byte of the path is special.
        return bytes == word.bytes ? word : Word(bytes: bytes, isQuoted: true)
    }

    /// A name of a file made of a path would be anywhere on the user's machine.
    private static func refuse(_ word: Word) throws(ShellError) {
        guard word.bytes.contains(braces) else { return }
        throw .usage("{} cannot name a file behind > or <: use | cat > FILE, with $\(pathVariable) in FILE")
    }

    /// The text for the system's shell with a quoted variable for each `{}`: the path itself would be read as a part of
    /// the text.
    private static func systemText(_ text: Word) throws(ShellError) -> Word {
        var result: [UInt8] = []
        var rest = text.bytes[...]
        var quote: UInt8?
        while let byte = rest.first {
            if rest.starts(with: braces) {
                guard quote == nil else {
                    throw .usage(
                        "{} inside quotes: there a name could be run as a command; write {} outside of quotes, or "
                            + "\"$\(pathVariable)\"")
                }
                result += Array("\"$\(pathVariable)\"".utf8)
                rest = rest.dropFirst(braces.count)
                continue
            }
            if byte == .backslash, quote != UInt8(ascii: "'") {
                result += rest.prefix(2)
                rest = rest.dropFirst(2)
                continue
            }
            if byte == UInt8(ascii: "'") || byte == UInt8(ascii: "\"") {
                if quote == nil { quote = byte } else if quote == byte { quote = nil }
            }
            result.append(rest.removeFirst())
        }
        return Word(bytes: result)
    }
}

extension ShellContext {
    /// Runs `text` as a line typed in the shell, operators and all, for the znode at `path`.
    func runLine(_ text: String, replacingBraces path: ZnodePath) async throws -> ExitCode {
        let list = try ExecLine.commands(of: text, for: path)
        // Its output must come after what this command has printed.
        try output.flush()
        return await Interpreter(session: session).run(
            list, location: location, environment: [(name: ExecLine.pathVariable, value: path.string)]) ?? .success
    }
}
