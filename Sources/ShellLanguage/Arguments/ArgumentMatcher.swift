/// The words of a command line, sorted by the arguments they belong to.
public struct MatchedArguments: Sendable {
    /// By the index of the argument in ``CommandSchema/arguments``. A flag's count is the number of its words.
    public var words: [[Word]]
    public var asksForHelp = false
    /// The arguments in the order in which they were given.
    public var order: [Int] = []
    /// The words from the first operand on, when matching stops there.
    public var rest: [Word] = []
    /// Options that usually stand before the command, given behind it: their index among those, and their words.
    public var outer: [(argument: Int, word: Word)] = []
    public var warnings: [String] = []

    /// Without a word.
    public init(schema: CommandSchema) {
        words = Array(repeating: [], count: schema.arguments.count)
    }
}

/// Sorts words by arguments, by the rules of zkCli's parser: options may stand anywhere, `--` ends them, short ones may
/// be bundled (`-sw`) and joined to their value (`-v3`, `-v=3`), a negative number can be an option's value.
public struct ArgumentMatcher {
    private let schema: CommandSchema
    private let trailingWord: TrailingWord?
    private let stopsAtOperand: Bool
    private let outer: CommandSchema?
    private let outerBehind: Set<String>
    private let input: [Word]
    private var index: Int
    private var matched: MatchedArguments
    private var operands: [Word] = []
    private var afterTerminator: [Word] = []

    /// - Parameter words: without the command's name.
    /// - Parameter stopsAtOperand: the first operand starts something else: the command after global options.
    /// - Parameter outer: the options that stand before the command.
    /// - Parameter outerBehind: the spellings of those that may stand behind it as well, where the command has none of
    ///   that name.
    /// - Throws: ``UsageError`` for an unknown option, a missing value, and missing or surplus operands.
    public static func match(
        _ words: [Word], trailingWord: TrailingWord? = nil, schema: CommandSchema,
        stopsAtOperand: Bool = false, outer: CommandSchema? = nil, outerBehind: Set<String> = []
    ) throws(UsageError) -> MatchedArguments {
        var matcher = Self(
            schema: schema, trailingWord: trailingWord, stopsAtOperand: stopsAtOperand, outer: outer,
            outerBehind: outerBehind, input: words, index: 0, matched: MatchedArguments(schema: schema))
        try matcher.sortWords()
        if matcher.matched.asksForHelp { return matcher.matched }
        try matcher.takeTrailingWord()
        try matcher.distributeOperands()
        return matcher.matched
    }

    private mutating func sortWords() throws(UsageError) {
        while index < input.count {
            let word = input[index]
            index += 1
            guard word.looksLikeOption else {
                if stopsAtOperand {
                    matched.rest = Array(input[(index - 1)...])
                    return
                }
                operands.append(word)
                if schema.needsAllRemaining, operands.count == fixedOperandCount {
                    operands.append(contentsOf: input[index...])
                    index = input.count
                }
                continue
            }
            if word.bytes == [UInt8(ascii: "-"), UInt8(ascii: "-")] {
                let rest = input[index...]
                index = input.count
                if schema.arguments.contains(where: { $0.strategy == .afterTerminator }) {
                    afterTerminator = Array(rest)
                } else {
                    operands.append(contentsOf: rest)
                }
            } else if word.bytes[1] == UInt8(ascii: "-") {
                try takeLong(word)
            } else {
                try takeShort(word)
            }
        }
    }

    /// Operands up to and including the first word of the argument that takes all remaining input.
    private var fixedOperandCount: Int {
        (schema.positionals.firstIndex { schema.arguments[$0].strategy == .allRemaining } ?? 0) + 1
    }

    private mutating func takeLong(_ word: Word) throws(UsageError) {
        let equals = word.bytes.firstIndex(of: UInt8(ascii: "="))
        let name = Array(word.bytes[..<(equals ?? word.bytes.count)])
        guard let argument = schema.namedByBytes[name] else {
            if name == Array("--help".utf8) {
                matched.asksForHelp = true
                return
            }
            if try takeOuter(named: name, value: equals.map { word.dropFirst($0 + 1) }) { return }
            throw unknownOption(name)
        }
        try take(argument, named: name, value: equals.map { word.dropFirst($0 + 1) })
    }

    /// Whether it is an option that may stand behind the command.
    private mutating func takeOuter(named name: [UInt8], value: Word?) throws(UsageError) -> Bool {
        let spelling = String(decoding: name, as: UTF8.self)
        guard outerBehind.contains(spelling), let outer, let argument = outer.namedByBytes[name] else { return false }
        guard outer.arguments[argument].kind == .option else {
            guard value == nil else { throw UsageError("\(spelling) takes no value") }
            matched.outer.append((argument, Word(bytes: name)))
            return true
        }
        var word = value
        if word == nil, index < input.count, !isKnownOption(input[index]) {
            word = input[index]
            index += 1
        }
        guard let word else {
            throw UsageError(
                "\(spelling) needs a value: \(spelling) \(outer.arguments[argument].valueName.uppercased())")
        }
        matched.outer.append((argument, word))
        return true
    }

    private mutating func takeShort(_ word: Word) throws(UsageError) {
        if let argument = schema.namedByBytes[word.bytes] {
            return try take(argument, named: word.bytes, value: nil)
        }
        if let equals = word.bytes.firstIndex(of: UInt8(ascii: "=")), equals > 2 {
            let name = Array(word.bytes[..<equals])
            if let argument = schema.namedByBytes[name] {
                return try take(argument, named: name, value: word.dropFirst(equals + 1))
            }
        }
        var offset = 1
        while offset < word.bytes.count {
            let name = [UInt8(ascii: "-"), word.bytes[offset]]
            guard let argument = schema.namedByBytes[name] else {
                if word.bytes.count == 2, name[1] == UInt8(ascii: "h") || name[1] == UInt8(ascii: "?") {
                    matched.asksForHelp = true
                    return
                }
                if offset == 1, word.bytes.count == 2, try takeOuter(named: name, value: nil) { return }
                throw unknownOption(offset == 1 ? word.bytes : name)
            }
            offset += 1
            if schema.arguments[argument].kind == .flag {
                try take(argument, named: name, value: nil)
                continue
            }
            guard offset < word.bytes.count else { return try take(argument, named: name, value: nil) }
            if word.bytes[offset] == UInt8(ascii: "=") { offset += 1 }
            return try take(argument, named: name, value: word.dropFirst(offset))
        }
    }

    private mutating func take(_ argument: Int, named name: [UInt8], value: Word?) throws(UsageError) {
        let spelling = String(decoding: name, as: UTF8.self)
        matched.order.append(argument)
        guard schema.arguments[argument].kind == .option else {
            guard value == nil else { throw UsageError("\(spelling) takes no value") }
            matched.words[argument].append(Word(bytes: name))
            return
        }
        if let value {
            matched.words[argument].append(value)
            return
        }
        guard index < input.count, !isKnownOption(input[index]) else {
            throw UsageError(
                "\(spelling) needs a value: \(spelling) \(schema.arguments[argument].valueName.uppercased())")
        }
        matched.words[argument].append(input[index])
        index += 1
    }

    private func isKnownOption(_ word: Word) -> Bool {
        guard word.looksLikeOption else { return false }
        if word.bytes.count == 2, word.bytes[1] == UInt8(ascii: "-") { return true }
        let name = word.bytes.prefix { $0 != UInt8(ascii: "=") }
        return schema.namedByBytes[Array(name)] != nil
    }

    private func unknownOption(_ name: [UInt8]) -> UsageError {
        let spelling = String(decoding: name, as: UTF8.self)
        let known = schema.options.filter { !$0.isHidden }.flatMap { $0.names.map(\.spelling) }
        let dash = "write -- before operands that begin with a dash"
        // Every single letter is close to every other.
        guard name.count > 2, !name[1].isDigit else { return UsageError("unknown option \(spelling); \(dash)") }
        if outer?.namedByBytes[name] != nil {
            return UsageError("\(spelling) is an option of zoosh: write it before the command; or \(dash)")
        }
        let isLong = name[1] == UInt8(ascii: "-")
        if !schema.options.isEmpty, let suggestion = Suggestion.closest(to: spelling, among: known + ["--help"]) {
            return UsageError("unknown option \(spelling); did you mean \(suggestion)?\(isLong ? "" : " Or \(dash)")")
        }
        return UsageError("unknown option \(spelling); \(dash)")
    }

    // MARK: Operands

    private mutating func takeTrailingWord() throws(UsageError) {
        guard operands.count > 1, let last = operands.last, let trailing = trailingWord else { return }
        switch trailing {
        case .watch where last.isBare("watch"):
            matched.words[named("-w")].append("-w")
            matched.warnings.append("the word `watch` at the end is out of date: use -w")
        case .version where operands.count == 2 && last.isNumber:
            matched.words[named("-v")].append(last)
            matched.warnings.append("the version at the end is out of date: use -v \(last.text)")
        default:
            return
        }
        operands.removeLast()
    }

    private func named(_ spelling: String) -> Int {
        guard let index = schema.namedByBytes[Array(spelling.utf8)] else {
            preconditionFailure("a command with a trailing word lacks the option \(spelling)")
        }
        return index
    }

    private mutating func distributeOperands() throws(UsageError) {
        var rest = operands[...]
        for index in schema.positionals {
            let argument = schema.arguments[index]
            if argument.strategy == .afterTerminator {
                matched.words[index] = afterTerminator
            } else if argument.isRepeating {
                matched.words[index] = Array(rest)
                rest = []
            } else if let word = rest.popFirst() {
                matched.words[index] = [word]
            }
            guard argument.isOptional || !matched.words[index].isEmpty else {
                throw UsageError("missing operand \(argument.valueName.uppercased())")
            }
        }
        if let surplus = rest.first {
            throw UsageError("surplus operand \(surplus.text); \(hintForSurplus)")
        }
        for (index, argument) in schema.arguments.enumerated()
        where argument.kind == .option && !argument.isOptional && matched.words[index].isEmpty {
            throw UsageError("missing option \(argument.names.first?.spelling ?? argument.valueName)")
        }
    }
}

extension ArgumentMatcher {
    /// What probably went wrong when there are more operands than the command takes.
    private var hintForSurplus: String {
        let ends = operands.lazy.filter { !$0.isQuoted && $0.bytes.count > 1 }.compactMap(\.bytes.last)
        if ends.contains(where: { $0 == UInt8(ascii: ";") || $0 == UInt8(ascii: "&") || $0 == UInt8(ascii: "|") }) {
            return "an operator needs blanks around it: a ; b"
        }
        return "quote an operand that has blanks in it"
    }
}

extension Word {
    public var looksLikeOption: Bool {
        bytes.count > 1 && bytes[0] == UInt8(ascii: "-") && !startsLiterally
    }

    fileprivate var isNumber: Bool {
        let digits = bytes.first == UInt8(ascii: "-") ? bytes.dropFirst() : bytes[...]
        return !isQuoted && !digits.isEmpty && digits.allSatisfy(\.isDigit)
    }
}

extension UInt8 {
    public var isDigit: Bool { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(self) }
}
