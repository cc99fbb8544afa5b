import ShellLanguage

/// Reads POSIX expressions, basic and extended, with what GNU adds: `\w`, `\<`, `\|` in basic ones and the like.
struct RegexParser {
    /// - Throws: ``UsageError`` with the reason, in the words that the system's library has for it.
    static func parse(_ pattern: [UInt8], isExtended: Bool, ignoresCase: Bool) throws(UsageError) -> RegexSyntaxTree {
        var parser = RegexParser(pattern: pattern, isExtended: isExtended, ignoresCase: ignoresCase)
        let tree = try parser.alternatives()
        guard parser.index == pattern.count else { throw UsageError("Unmatched ) or \\)") }
        return tree
    }

    /// An expression that stands for `text`.
    static func literal(_ text: [UInt8], ignoresCase: Bool) -> RegexSyntaxTree {
        var parser = RegexParser(pattern: text, isExtended: false, ignoresCase: ignoresCase)
        var items: [RegexSyntaxTree] = []
        while parser.index < text.count { items.append(parser.characters(parser.takeCharacter())) }
        return .sequence(items)
    }

    private let pattern: [UInt8]
    private let isExtended: Bool
    private let ignoresCase: Bool
    private var index = 0
    private var depth = 0
    private var groupCount = 0
    /// Those whose end was read.
    private var closedGroups: Set<Int> = []

    private static let depthMax = 250
    private static let repetitionsMax = 32767

    private init(pattern: [UInt8], isExtended: Bool, ignoresCase: Bool) {
        self.pattern = pattern
        self.isExtended = isExtended
        self.ignoresCase = ignoresCase
    }

    // MARK: Structure

    private mutating func alternatives() throws(UsageError) -> RegexSyntaxTree {
        var branches = [try branch()]
        while takeOperator("|") { branches.append(try branch()) }
        return branches.count == 1 ? branches[0] : .alternatives(branches)
    }

    private mutating func branch() throws(UsageError) -> RegexSyntaxTree {
        var items: [RegexSyntaxTree] = []
        // Where a basic expression takes a star for itself, and a ^ for an anchor.
        var isAtStart = true
        while index < pattern.count, !isAtOperator("|"), !(isAtOperator(")") && (depth > 0 || !isExtended)) {
            if !isExtended, isAtStart, take("^") {
                items.append(.assertion(.start))
                continue
            }
            if isAtStart, isExtended, let byte = peek,
                [UInt8(ascii: "*"), UInt8(ascii: "+"), UInt8(ascii: "?")].contains(byte)
            {
                throw UsageError("Invalid preceding regular expression")
            }
            let item = try atom(isAtStart: isAtStart)
            items.append(try repetitions(of: item))
            isAtStart = false
        }
        return items.count == 1 ? items[0] : items.isEmpty ? .empty : .sequence(items)
    }

    private mutating func atom(isAtStart: Bool) throws(UsageError) -> RegexSyntaxTree {
        if takeOperator("(") { return try group() }
        guard let byte = peek else { return .empty }
        switch byte {
        case UInt8(ascii: "\\"): return try escaped()
        case UInt8(ascii: "."):
            index += 1
            return .characters(.any)
        case UInt8(ascii: "["):
            index += 1
            return try bracket()
        case UInt8(ascii: "^") where isExtended:
            index += 1
            return .assertion(.start)
        case UInt8(ascii: "$") where isExtended || isDollarAnAnchor:
            index += 1
            return .assertion(.end)
        default: return characters(takeCharacter())
        }
    }

    private mutating func group() throws(UsageError) -> RegexSyntaxTree {
        depth += 1
        guard depth <= Self.depthMax else { throw UsageError("Regular expression too big") }
        groupCount += 1
        let number = groupCount
        let body = try alternatives()
        guard takeOperator(")") else { throw UsageError("Unmatched ( or \\(") }
        depth -= 1
        closedGroups.insert(number)
        return .group(body, number: number)
    }

    private mutating func repetitions(of item: RegexSyntaxTree) throws(UsageError) -> RegexSyntaxTree {
        var item = item
        for _ in 0..<Self.depthMax {
            if take("*") {
                item = .repeated(item, min: 0, max: nil)
            } else if takeOperator("+") {
                item = .repeated(item, min: 1, max: nil)
            } else if takeOperator("?") {
                item = .repeated(item, min: 0, max: 1)
            } else if let bounds = try interval() {
                item = .repeated(item, min: bounds.min, max: bounds.max)
            } else {
                return item
            }
        }
        throw UsageError("Regular expression too big")
    }

    /// `{2}`, `{2,}`, `{,3}` or `{2,3}`; nil where a brace stands for itself.
    private mutating func interval() throws(UsageError) -> (min: Int, max: Int?)? {
        let start = index
        guard takeOperator("{") else { return nil }
        let min = number()
        var max = min
        if take(",") { max = number() }
        guard takeOperator("}"), min != nil || pattern[start..<index].contains(UInt8(ascii: ",")) else {
            guard isExtended else { throw UsageError("Invalid content of \\{\\}") }
            index = start
            return nil
        }
        guard (min ?? 0) <= max ?? Self.repetitionsMax else { throw UsageError("Invalid content of \\{\\}") }
        guard Swift.max(min ?? 0, max ?? 0) <= Self.repetitionsMax else {
            throw UsageError("Regular expression too big")
        }
        return (min ?? 0, max)
    }

    private mutating func number() -> Int? {
        var value: Int?
        while let byte = peek, byte.isDigit {
            value = min((value ?? 0) * 10 + Int(byte - UInt8(ascii: "0")), Self.repetitionsMax + 1)
            index += 1
        }
        return value
    }

    private mutating func escaped() throws(UsageError) -> RegexSyntaxTree {
        index += 1
        guard let byte = peek else { throw UsageError("Trailing backslash") }
        index += 1
        switch byte {
        case UInt8(ascii: "1")...UInt8(ascii: "9"):
            let number = Int(byte - UInt8(ascii: "0"))
            guard closedGroups.contains(number) else { throw UsageError("Invalid back reference") }
            return .backReference(number)
        case UInt8(ascii: "w"): return .characters(Self.word)
        case UInt8(ascii: "W"): return .characters(Self.word.inverted)
        case UInt8(ascii: "s"): return .characters(Self.classes["space"]!)
        case UInt8(ascii: "S"): return .characters(Self.classes["space"]!.inverted)
        case UInt8(ascii: "<"): return .assertion(.wordStart)
        case UInt8(ascii: ">"): return .assertion(.wordEnd)
        case UInt8(ascii: "b"): return .assertion(.wordBoundary)
        case UInt8(ascii: "B"): return .assertion(.noWordBoundary)
        case UInt8(ascii: "`"): return .assertion(.start)
        case UInt8(ascii: "'"): return .assertion(.end)
        case UInt8(ascii: "{") where !isExtended: throw UsageError("Invalid preceding regular expression")
        default:
            index -= 1
            return characters(takeCharacter())
        }
    }

    // MARK: Brackets

    private mutating func bracket() throws(UsageError) -> RegexSyntaxTree {
        let unmatched = UsageError("Unmatched [, [^, [:, [., or [=")
        let isNegated = take("^")
        var set = RegexSyntaxTree.CharacterSet()
        var isFirst = true
        while true {
            guard let byte = peek else { throw unmatched }
            if byte == UInt8(ascii: "]"), !isFirst { break }
            isFirst = false
            if let name = try named(":") {
                guard let members = Self.classes[name] else { throw UsageError("Invalid character class name") }
                set.ranges += members.ranges
                continue
            }
            let first = try member()
            guard peek == UInt8(ascii: "-"), index + 1 < pattern.count, pattern[index + 1] != UInt8(ascii: "]") else {
                set.insert(first)
                continue
            }
            index += 1
            guard case .scalar(let low) = first, case .scalar(let high) = try member(), low <= high else {
                throw UsageError("Invalid range end")
            }
            set.ranges.append(low...high)
        }
        index += 1
        if ignoresCase { set = set.ignoringCase }
        return .characters(isNegated ? set.inverted : set)
    }

    /// A member of a bracket: itself, `[.x.]` or `[=x=]`.
    private mutating func member() throws(UsageError) -> Character {
        for mark in [".", "="] as [StaticString] {
            guard let name = try named(mark) else { continue }
            guard name.unicodeScalars.count == 1, let scalar = name.unicodeScalars.first else {
                throw UsageError("Invalid collation character")
            }
            return .scalar(scalar.value)
        }
        return takeCharacter()
    }

    /// What stands between `[:` and `:]`.
    private mutating func named(_ mark: StaticString) throws(UsageError) -> String? {
        let byte = mark.utf8Start.pointee
        guard peek == UInt8(ascii: "["), index + 1 < pattern.count, pattern[index + 1] == byte else { return nil }
        var end = index + 2
        while end + 1 < pattern.count, !(pattern[end] == byte && pattern[end + 1] == UInt8(ascii: "]")) { end += 1 }
        guard end + 1 < pattern.count else { throw UsageError("Unmatched [, [^, [:, [., or [=") }
        defer { index = end + 2 }
        return String(decoding: pattern[index + 2..<end], as: UTF8.self)
    }

    private static let word = RegexSyntaxTree.CharacterSet(
        ranges: classes["alnum"]!.ranges + [UInt32(UInt8(ascii: "_"))...UInt32(UInt8(ascii: "_"))])

    /// Those of ASCII, whatever the locale.
    private static let classes: [String: RegexSyntaxTree.CharacterSet] = {
        let upper: ClosedRange<UInt32> = 0x41...0x5A
        let lower: ClosedRange<UInt32> = 0x61...0x7A
        let digit: ClosedRange<UInt32> = 0x30...0x39
        return [
            "upper": [upper], "lower": [lower], "digit": [digit], "alpha": [upper, lower],
            "alnum": [upper, lower, digit], "xdigit": [digit, 0x41...0x46, 0x61...0x66],
            "space": [0x09...0x0D, 0x20...0x20], "blank": [0x09...0x09, 0x20...0x20],
            "punct": [0x21...0x2F, 0x3A...0x40, 0x5B...0x60, 0x7B...0x7E], "print": [0x20...0x7E],
            "graph": [0x21...0x7E], "cntrl": [0x00...0x1F, 0x7F...0x7F],
        ].mapValues { RegexSyntaxTree.CharacterSet(ranges: $0) }
    }()

    // MARK: Characters

    fileprivate enum Character {
        case scalar(UInt32)
        case strayByte(UInt8)
    }

    private func characters(_ character: Character) -> RegexSyntaxTree {
        var set = RegexSyntaxTree.CharacterSet()
        set.insert(character)
        return .characters(ignoresCase ? set.ignoringCase : set)
    }

    /// The character at the index, which is not at the end.
    private mutating func takeCharacter() -> Character {
        for length in 1...4 where index + length <= pattern.count {
            guard let text = String(validating: pattern[index..<index + length], as: UTF8.self),
                let scalar = text.unicodeScalars.first
            else { continue }
            index += length
            return .scalar(scalar.value)
        }
        defer { index += 1 }
        return .strayByte(pattern[index])
    }

    private var peek: UInt8? { index < pattern.count ? pattern[index] : nil }

    private mutating func take(_ text: StaticString) -> Bool {
        guard peek == text.utf8Start.pointee else { return false }
        index += 1
        return true
    }

    /// Whether `text` stands here as an operator: bare in an extended expression, behind a backslash in a basic one.
    private func isAtOperator(_ text: StaticString) -> Bool {
        let byte = text.utf8Start.pointee
        if isExtended { return peek == byte }
        return peek == UInt8(ascii: "\\") && index + 1 < pattern.count && pattern[index + 1] == byte
    }

    private mutating func takeOperator(_ text: StaticString) -> Bool {
        guard isAtOperator(text) else { return false }
        index += isExtended ? 1 : 2
        return true
    }

    /// Whether the `$` at the index of a basic expression is at the end of a branch.
    private var isDollarAnAnchor: Bool {
        guard index + 1 < pattern.count else { return true }
        guard pattern[index + 1] == UInt8(ascii: "\\"), index + 2 < pattern.count else { return false }
        return [UInt8(ascii: "|"), UInt8(ascii: ")")].contains(pattern[index + 2])
    }
}

extension RegexSyntaxTree.CharacterSet {
    fileprivate mutating func insert(_ character: RegexParser.Character) {
        switch character {
        case .scalar(let value): ranges.append(value...value)
        case .strayByte(let byte): strayBytes.insert(byte)
        }
    }
}
