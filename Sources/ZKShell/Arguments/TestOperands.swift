internal import ShellLanguage

/// `+N`, `-N` or `N`, with `k` or `M` after it: a number that something must be above, below or equal to.
struct NumberTest: ShellValue {
    private enum Relation {
        case above
        case below
        case equal
    }

    private var relation: Relation
    private var number: Int

    init?(argument: String) {
        var text = argument[...]
        relation = text.first == "+" ? .above : text.first == "-" ? .below : .equal
        if relation != .equal { text = text.dropFirst() }
        var factor = 1
        switch text.last {
        case "k", "K": factor = 1 << 10
        case "M": factor = 1 << 20
        default: break
        }
        if factor > 1 { text = text.dropLast() }
        guard let number = Int(text), number >= 0, number < 1 << 40 else { return nil }
        self.number = number * factor
    }

    init(word: Word) throws(UsageError) {
        guard let value = Self(argument: word.text) else {
            throw UsageError("\(word.text) is not a number such as 10, +10 or -10, with k or M after it")
        }
        self = value
    }

    func holds(_ value: Int) -> Bool {
        switch relation {
        case .above: value > number
        case .below: value < number
        case .equal: value == number
        }
    }
}

/// `-DUR` or `+DUR`: how long ago something must have happened, at most or at least.
struct AgeTest: ShellValue {
    private var isAtLeast: Bool
    private var millis: Int64

    init?(argument: String) {
        guard argument.first == "+" || argument.first == "-",
            let operand = DurationOperand(argument: String(argument.dropFirst()))
        else { return nil }
        isAtLeast = argument.first == "+"
        millis = Int64(operand.duration / .milliseconds(1))
    }

    init(word: Word) throws(UsageError) {
        guard let value = Self(argument: word.text) else {
            throw UsageError("\(word.text) is not an age: write -30m for the last half hour, +7d or +2w for longer ago")
        }
        self = value
    }

    func holds(ageMillis: Int64) -> Bool {
        isAtLeast ? ageMillis >= millis : ageMillis <= millis
    }
}

/// A session ID in hexadecimal, with or without `0x`.
struct SessionIDOperand: ShellValue {
    var id: Int64

    init?(argument: String) {
        let digits = argument.hasPrefix("0x") ? argument.dropFirst(2) : argument[...]
        guard let bits = UInt64(digits, radix: 16) else { return nil }
        id = Int64(bitPattern: bits)
    }

    init(word: Word) throws(UsageError) {
        guard let value = Self(argument: word.text) else {
            throw UsageError("\(word.text) is not a session ID, such as 0x100000a2b3c0000")
        }
        self = value
    }
}
