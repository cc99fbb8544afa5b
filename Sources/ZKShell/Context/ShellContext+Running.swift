internal import ZKCore

/// Commands that run commands: `time`, `repeat`, `find --exec`.
extension ShellContext {
    /// Runs `words` as a command of the shell, whose output goes where this command's goes.
    func run(_ words: [Word]) async -> ExitCode {
        await Interpreter(session: session).run(
            words: words, output: output, input: hasOwnInput ? input : nil, location: location)
    }

    /// Runs `text` as a line typed in the shell, operators and all.
    ///
    /// - Parameter path: takes the place of each `{}`, as one word or a part of one, whatever is in it.
    /// - Throws: ``ShellError`` 2 for a line that is not complete.
    func runLine(_ text: String, replacingBraces path: ZnodePath) async throws -> ExitCode {
        guard case .list(var list, _) = try CommandListParser.parse(Array(text.utf8)) else {
            throw ShellError.usage("\(text): the line is not complete; close its quotes")
        }
        for index in list.items.indices {
            list.items[index].invocation.replaceBraces(with: path.string)
        }
        // Its output must come after what this command has printed.
        try output.flush()
        return await Interpreter(session: session).run(list, location: location) ?? .success
    }
}

extension Invocation {
    fileprivate mutating func replaceBraces(with text: String) {
        words = words.map { $0.replacingBraces(with: Array(text.utf8)) }
        let quoted =
            "'" + text.split(separator: "'", omittingEmptySubsequences: false).joined(separator: #"'\''"#) + "'"
        systemCommand = systemCommand?.replacingBraces(with: quoted)
        if case .pipe(let command) = output { output = .pipe(command.replacingBraces(with: quoted)) }
    }
}

extension Word {
    fileprivate func replacingBraces(with replacement: [UInt8]) -> Word {
        let braces = Array("{}".utf8)
        var result: [UInt8] = []
        var rest = bytes[...]
        var isChanged = false
        while !rest.isEmpty {
            if rest.starts(with: braces) {
                result += replacement
                rest = rest.dropFirst(braces.count)
                isChanged = true
            } else {
                result.append(rest.removeFirst())
            }
        }
        // Quoted, since no byte of the path is special.
        return isChanged ? Word(bytes: result, isQuoted: true) : self
    }
}

extension String {
    fileprivate func replacingBraces(with replacement: String) -> String {
        String(decoding: Word(self).replacingBraces(with: Array(replacement.utf8)).bytes, as: UTF8.self)
    }
}
