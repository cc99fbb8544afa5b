internal import ShellLanguage
internal import ZKCore
internal import ZKText

struct GrepCommand: ShellCommand {
    static let declaration = CommandDeclaration(
        name: "grep", group: .znodes, abstract: "Search the data of subtrees.",
        discussion: """
            PATTERN is a basic regular expression, as grep of the system has it; classes such as [[:alpha:]] are those of
            ASCII. Data that is not text is only said to match. Back references (\\1) are tried for a limited time.
            """,
        examples: [
            .init("grep localhost /app", "lines with localhost, with their paths"),
            .init("grep -l -F 10.0.0.1 /", "the znodes that have 10.0.0.1 in them"),
        ],
        exitStatuses: [
            .init(.failure, "nothing matches"), .init(.noNode, "a znode does not exist"),
            .init(.partialFailure, "some could not be read"),
        ])

    @Flag(name: .customShort("i"), help: "Letters match in upper and lower case.")
    var ignoresCase = false

    @Flag(name: .customShort("l"), help: "Print only the paths of the znodes that match.")
    var printsPathsOnly = false

    @Flag(name: .customShort("v"), help: "Print the lines that do not match.")
    var isInverted = false

    @Flag(name: .customShort("c"), help: "Print how many lines match, for each znode.")
    var counts = false

    @Flag(name: .customShort("E"), help: "PATTERN is an extended regular expression.")
    var isExtended = false

    @Flag(name: .customShort("F"), help: "PATTERN is plain text.")
    var isFixed = false

    @Argument(help: "What to search for.")
    var pattern: WordOperand

    @Argument(help: "Where to look; the working znode if left out. Globs are expanded.")
    var path: [PathOperand] = []

    func run(in shell: ShellContext) async throws {
        guard !(isExtended && isFixed) else { throw UsageError("the pattern is either extended (-E) or plain (-F)") }
        let regex = try PosixRegex(
            pattern.word.bytes, isExtended: isExtended, isFixed: isFixed, ignoresCase: ignoresCase)
        let operands = path.isEmpty ? [try PathOperand(word: ".")] : path
        var hasMatch = false
        try await shell.forEach(operands) { root in
            var failures = FailureTally()
            let progress = WorkProgress("searching \(root)", in: shell)
            defer { progress.finish() }
            let total = try await SubtreeWalk(root: root, payload: .data).run(on: shell.reader()) { znodes in
                for znode in znodes {
                    if let failure = znode.failure { failures.note(failure, in: shell) }
                    guard let data = znode.znode?.data else { continue }
                    let isFound = try failures.matches(
                        at: znode.path, in: shell, try search(data, of: znode.path, for: regex, in: shell))
                    if isFound { hasMatch = true }
                }
                progress.advance(by: znodes.count)
            }
            try failures.finish(of: total)
        }
        if !hasMatch { throw ShellError.silent(.failure) }
    }

    private func search(
        _ data: [UInt8], of path: ZnodePath, for regex: PosixRegex, in shell: ShellContext
    ) throws(ShellError) -> Bool {
        let isText = !data.contains(0) && String(validating: data, as: UTF8.self) != nil
        var lines = data.split(separator: .newline, omittingEmptySubsequences: false)
        if lines.count > 1, lines.last?.isEmpty == true { lines.removeLast() }
        var count = 0
        for (index, line) in lines.enumerated() {
            guard try regex.matches(line) != isInverted else { continue }
            count += 1
            if isText, !printsPathsOnly, !counts {
                try shell.emit(MatchResult(path: path, line: index + 1, text: Array(line)))
            }
        }
        guard count > 0 else { return false }
        if counts {
            try shell.emit(MatchResult(path: path, count: count))
        } else if printsPathsOnly {
            try shell.emit(MatchResult(path: path))
        } else if !isText {
            try shell.emit(MatchResult(path: path, isBinary: true))
        }
        return true
    }
}

private struct MatchResult: ShellResult {
    var path: ZnodePath
    var line: Int?
    var text: [UInt8]?
    var count: Int?
    var isBinary = false

    var json: JSONValue {
        .members([
            "path": JSONValue(path), "line": line.map { .int(Int64($0)) },
            "text": text.map { .string(String(decoding: $0, as: UTF8.self)) }, "count": count.map { .int(Int64($0)) },
            "binary": isBinary ? true : nil,
        ])
    }

    func writePlain(to output: Output) throws(ShellError) {
        if let text {
            try output.write(path.string + ":")
            try output.write(text + [.newline])
        } else if let count {
            try output.writeLine("\(path):\(count)")
        } else {
            try output.writeLine(isBinary ? "\(path): binary data matches" : path.string)
        }
    }
}
