internal import ShellLanguage
internal import ZKCore
internal import ZKText

/// Finds what can stand at the cursor: commands, options, their values, znodes, local files.
struct Completer {
    /// The names of a znode's children; nil when they are not known in time.
    var children: (ZnodePath) -> [String]?
    /// Whether a znode has children; nil when that is not known in time.
    var hasChildren: (ZnodePath) -> Bool?
    /// The entries of a local directory with a slash behind directories; nil when it cannot be read.
    var localFiles: (_ directory: String) -> [String]?
    var hosts: () -> [String] = { [] }
    var workingPath: () -> ZnodePath
    var commandNames: () -> [String]
    /// The arguments of the command that goes by this name.
    var schema: (String) -> CommandSchema?

    private static let blank = UInt8(ascii: " ")
    private static let slash = UInt8(ascii: "/")

    /// - Parameters:
    ///   - point: the offset of the cursor in `line`.
    ///   - lines: the lines before it, of a command that goes on in `line`.
    func complete(line: [UInt8], point: Int, after lines: [UInt8] = []) -> CompletionList {
        var before = lines
        if !lines.isEmpty {
            // Of a word that began in another line there is nothing to replace here.
            guard !CompletionContext(line: lines + [.newline]).isInsideWord else { return CompletionList() }
            before = (lines.last == .backslash ? lines.dropLast() : lines) + [.newline]
        }
        let context = CompletionContext(line: before + line[..<min(point, line.count)])
        guard !context.isSystemCommand else { return CompletionList() }
        if context.redirection != nil { return files(context, prefix: []) }
        return command(context.words[...], context)
    }

    /// - Parameter words: the command and those of its words that stand before the one at the cursor.
    private func command(_ words: ArraySlice<String>, _ context: CompletionContext) -> CompletionList {
        guard let name = words.first else { return plain(commandNames(), context) }
        guard let schema = schema(name) else { return CompletionList() }
        if let inner = Self.innerCommand(of: words.dropFirst(), schema: schema) { return command(inner, context) }
        let word = context.word
        let areOptionsOver = words.contains("--")
        if words.count > 1, let previous = words.last, !areOptionsOver,
            let option = Self.option(previous, of: schema), option.kind == .option
        {
            return values(option.completion, allowed: option.allowedValues, context)
        }
        if context.quote == nil, word.first == UInt8(ascii: "-"), !areOptionsOver {
            return optionValues(schema, context) ?? options(Self.spellings(of: schema), context)
        }
        if context.quote == nil, word.first == UInt8(ascii: "@") { return files(context, prefix: [UInt8(ascii: "@")]) }
        let position = Self.operandCount(in: words.dropFirst(), schema: schema)
        guard let operand = Self.operand(at: position, of: schema) else { return CompletionList() }
        return values(operand.completion, allowed: operand.allowedValues, context)
    }

    /// The command that is an operand of another one, as in `time ls /`; nil when the cursor is before it.
    private static func innerCommand(of words: ArraySlice<String>, schema: CommandSchema) -> ArraySlice<String>? {
        guard let position = schema.operands.firstIndex(where: { $0.strategy == .allRemaining }) else { return nil }
        for end in words.indices where operandCount(in: words[words.startIndex...end], schema: schema) > position {
            return words[end...]
        }
        return nil
    }

    /// `--option=VALUE`.
    private func optionValues(_ schema: CommandSchema, _ context: CompletionContext) -> CompletionList? {
        guard context.word.starts(with: "--".utf8), let equals = context.word.firstIndex(of: UInt8(ascii: "=")),
            let option = Self.option(String(decoding: context.word[..<equals], as: UTF8.self), of: schema)
        else { return nil }
        let prefix = Array(context.word[...equals])
        switch option.completion {
        case .file, .directory: return files(context, prefix: prefix)
        case .list(let values): return plain(values, context, prefix: prefix)
        default: return plain(option.allowedValues, context, prefix: prefix)
        }
    }

    private func values(
        _ completion: CommandSchema.Completion, allowed: [String], _ context: CompletionContext
    ) -> CompletionList {
        switch completion {
        case .list(let values): plain(values, context)
        case .znode: znodes(context)
        case .file, .directory: files(context, prefix: [])
        case .command: plain(commandNames(), context)
        case .host: plain(hosts(), context)
        // A file behind an `@` is offered before it comes to this.
        case .data: CompletionList()
        case .none: plain(allowed, context)
        }
    }

    // MARK: The declaration

    private static func option(_ word: String, of schema: CommandSchema) -> CommandSchema.Argument? {
        schema.namedByBytes[Array(word.utf8)].map { schema.arguments[$0] }
    }

    private static func spellings(of schema: CommandSchema) -> [String] {
        schema.options.filter { !$0.isHidden }.flatMap { $0.names.map(\.spelling) } + ["--help"]
    }

    /// How many of `words` are operands.
    private static func operandCount(in words: ArraySlice<String>, schema: CommandSchema) -> Int {
        var count = 0
        var takesValue = false
        var areOptionsOver = false
        for word in words {
            if takesValue {
                takesValue = false
            } else if word == "--" {
                areOptionsOver = true
            } else if !areOptionsOver, word.hasPrefix("-"), word.count > 1 {
                takesValue = option(word, of: schema)?.kind == .option
            } else {
                count += 1
            }
        }
        return count
    }

    private static func operand(at position: Int, of schema: CommandSchema) -> CommandSchema.Argument? {
        let operands = schema.operands
        if position < operands.count { return operands[position] }
        return operands.last.flatMap { $0.isRepeating ? $0 : nil }
    }

    // MARK: Candidates

    /// - Parameter prefix: what stands before the name in the word, as it is.
    private func plain(_ names: [String], _ context: CompletionContext, prefix: [UInt8] = []) -> CompletionList {
        let start = context.word.dropFirst(prefix.count)
        let matching = NaturalOrder.sorted(
            Set(names.filter { $0.utf8.starts(with: start) && TerminalText.isHarmless($0) }))
        return list(matching.map { prefix + Array($0.utf8) }, context, isLiteral: !prefix.isEmpty) { candidate in
            // `digest:` wants to be continued.
            candidate.last == UInt8(ascii: ":") ? nil : Self.blank
        }
    }

    /// As they are: a quoted dash would be an operand.
    private func options(_ spellings: [String], _ context: CompletionContext) -> CompletionList {
        var list = CompletionList()
        list.candidates = spellings.map { Array($0.utf8) }.filter { $0.starts(with: context.word) }
        list.commonPrefix = CompletionList.commonPrefix(of: list.candidates)
        if list.candidates.count == 1 { list.appended = Self.blank }
        return list
    }

    private func znodes(_ context: CompletionContext) -> CompletionList {
        let cut = context.word.lastIndex(of: Self.slash)
        let directory = cut.map { Array(context.word[...$0]) } ?? []
        let prefix = cut.map { context.word[($0 + 1)...] } ?? context.word[...]
        guard let parent = resolve(directory), let names = children(parent) else { return CompletionList() }
        // A name that could control the terminal is not put into the line; a glob reaches it.
        let matching = NaturalOrder.sorted(
            names.filter { $0.utf8.starts(with: prefix) && TerminalText.isHarmless($0) })
        return list(matching.map { directory + Array($0.utf8) }, context) { _ in
            // Nothing when it is not known in time: another TAB asks again.
            guard let only = matching.first, let hasChildren = hasChildren(parent.appending(only)) else { return nil }
            return hasChildren ? Self.slash : Self.blank
        }
    }

    /// The znode whose children are wanted.
    private func resolve(_ directory: [UInt8]) -> ZnodePath? {
        guard let text = String(validating: directory, as: UTF8.self) else { return nil }
        if text.isEmpty { return workingPath() }
        return try? PathResolver.resolve(text, in: workingPath())
    }

    /// - Parameter prefix: what stands before the file's name in the word.
    private func files(_ context: CompletionContext, prefix: [UInt8]) -> CompletionList {
        let name = context.word.dropFirst(prefix.count)
        let cut = name.lastIndex(of: Self.slash)
        let directory = cut.map { Array(name[...$0]) } ?? []
        let start = cut.map { name[($0 + 1)...] } ?? name
        guard let entries = localFiles(directory.isEmpty ? "." : String(decoding: directory, as: UTF8.self)) else {
            return CompletionList()
        }
        let matching = entries.filter { entry in
            entry.utf8.starts(with: start) && (!entry.hasPrefix(".") || start.first == UInt8(ascii: "."))
                && TerminalText.isHarmless(entry)
        }
        let candidates = NaturalOrder.sorted(matching).map { prefix + directory + Array($0.utf8) }
        return list(candidates, context, isLiteral: !prefix.isEmpty) { candidate in
            candidate.last == Self.slash ? nil : Self.blank
        }
    }

    /// - Parameters:
    ///   - isLiteral: the first character has its special meaning, as `@` before a file.
    ///   - appended: what follows when there is one candidate only.
    private func list(
        _ candidates: [[UInt8]], _ context: CompletionContext, isLiteral: Bool = false, appended: ([UInt8]) -> UInt8?
    ) -> CompletionList {
        var list = CompletionList()
        let quote = WordQuoting.quote(for: candidates, begunWith: context.quote)
        list.isCut = candidates.count > CompletionList.candidatesMax
        func quoted(_ text: [UInt8]) -> [UInt8] {
            let word = WordQuoting.quoted(text, quote: quote)
            return isLiteral && word.first == .backslash ? Array(word.dropFirst()) : word
        }
        list.candidates = candidates.prefix(CompletionList.candidatesMax).map(quoted)
        list.commonPrefix = quoted(CompletionList.commonPrefix(of: candidates))
        guard candidates.count == 1 else { return list }
        list.appended = appended(candidates[0])
        if let quote {
            if list.appended == Self.blank {
                list.candidates[0].append(quote)
            } else if list.appended == Self.slash {
                list.candidates[0].append(Self.slash)
                list.appended = nil
            }
        }
        return list
    }
}
