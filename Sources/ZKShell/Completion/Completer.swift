internal import ZKCore

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

    /// - Parameter point: the offset of the cursor in `line`.
    func complete(line: [UInt8], point: Int) -> CompletionList {
        let context = CompletionContext(line: Array(line[..<min(point, line.count)]))
        guard !context.isSystemCommand else { return CompletionList() }
        if context.redirection != nil { return files(context, prefix: []) }
        guard let name = context.words.first else { return plain(commandNames(), context) }
        guard let schema = schema(name) else { return CompletionList() }
        let word = context.word
        let previous = context.words.dropFirst().last
        let areOptionsOver = context.words.contains("--")
        if let previous, !areOptionsOver, let option = Self.option(previous, of: schema), option.kind == .option {
            return values(option.completion, allowed: option.allowedValues, context)
        }
        if context.quote == nil, word.first == UInt8(ascii: "-"), !areOptionsOver {
            return options(Self.spellings(of: schema), context)
        }
        if context.quote == nil, word.first == UInt8(ascii: "@") { return files(context, prefix: [UInt8(ascii: "@")]) }
        let position = Self.operandCount(in: context.words.dropFirst(), schema: schema)
        guard let operand = Self.operand(at: position, of: schema) else { return CompletionList() }
        return values(operand.completion, allowed: operand.allowedValues, context)
    }

    private func values(
        _ completion: CommandSchema.Completion, allowed: [String], _ context: CompletionContext
    ) -> CompletionList {
        switch completion {
        case .values(let values): plain(values, context)
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

    private func plain(_ names: [String], _ context: CompletionContext) -> CompletionList {
        let matching = Set(names.filter { $0.utf8.starts(with: context.word) }).sorted(by: NaturalOrder.precedes)
        return list(matching.map { Array($0.utf8) }, context) { _ in Self.blank }
    }

    /// As they are: a quoted dash would be an operand.
    private func options(_ spellings: [String], _ context: CompletionContext) -> CompletionList {
        var list = CompletionList()
        list.candidates = spellings.map { Array($0.utf8) }.filter { $0.starts(with: context.word) }
        if list.candidates.count == 1 { list.appended = Self.blank }
        return list
    }

    private func znodes(_ context: CompletionContext) -> CompletionList {
        let cut = context.word.lastIndex(of: Self.slash)
        let directory = cut.map { Array(context.word[...$0]) } ?? []
        let prefix = cut.map { context.word[($0 + 1)...] } ?? context.word[...]
        guard let parent = resolve(directory), let names = children(parent) else { return CompletionList() }
        let matching = names.filter { $0.utf8.starts(with: prefix) }.sorted(by: NaturalOrder.precedes)
        return list(matching.map { directory + Array($0.utf8) }, context) { _ in
            guard let only = matching.first else { return nil }
            return hasChildren(parent.appending(only)) == true ? Self.slash : Self.blank
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
        }
        return list(matching.sorted().map { prefix + directory + Array($0.utf8) }, context) { candidate in
            candidate.last == Self.slash ? nil : Self.blank
        }
    }

    /// - Parameter appended: what follows when there is one candidate only.
    private func list(
        _ candidates: [[UInt8]], _ context: CompletionContext, appended: ([UInt8]) -> UInt8?
    ) -> CompletionList {
        var list = CompletionList()
        list.isCut = candidates.count > CompletionList.candidatesMax
        // A prefix that all have in common must hold for those that are cut off, too.
        list.candidates = candidates.prefix(CompletionList.candidatesMax).map {
            WordQuoting.quoted($0, quote: context.quote)
        }
        if list.isCut, let last = candidates.last {
            list.candidates[list.candidates.count - 1] = WordQuoting.quoted(last, quote: context.quote)
        }
        guard candidates.count == 1 else { return list }
        list.appended = appended(candidates[0])
        if let quote = context.quote {
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
