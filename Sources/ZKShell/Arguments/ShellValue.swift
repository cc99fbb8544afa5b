public import ArgumentParser

/// A type that an option or operand of a command can have.
public protocol ShellValue: ExpressibleByArgument, ArgumentValue {
    /// - Throws: ``UsageError`` that says what would be right.
    init(word: Word) throws(UsageError)
}

/// What an option or operand as a whole can have: a value, an optional value, or values.
public protocol ArgumentValue: Sendable {
    /// - Parameter words: the words given; empty when the argument is absent and has no default.
    static func make(from words: [Word]) throws(UsageError) -> Self
}

extension ShellValue {
    public init(word: Word) throws(UsageError) {
        guard let value = Self(argument: word.text) else {
            let allowed = Self.allValueStrings
            throw UsageError(
                allowed.isEmpty
                    ? "\(word.text) is not a valid value"
                    : "\(word.text) is none of \(allowed.joined(separator: ", "))")
        }
        self = value
    }

    public static func make(from words: [Word]) throws(UsageError) -> Self {
        guard let word = words.last else { throw UsageError("a value is missing") }
        return try Self(word: word)
    }
}

extension Optional: ArgumentValue where Wrapped: ShellValue {
    public static func make(from words: [Word]) throws(UsageError) -> Self {
        guard let word = words.last else { return nil }
        return try Wrapped(word: word)
    }
}

extension Array: ArgumentValue where Element: ShellValue {
    public static func make(from words: [Word]) throws(UsageError) -> Self {
        var elements: [Element] = []
        elements.reserveCapacity(words.count)
        for word in words { elements.append(try Element(word: word)) }
        return elements
    }
}

extension String: ShellValue {
    public init(word: Word) throws(UsageError) {
        self = word.text
    }
}

extension FixedWidthInteger where Self: ShellValue {
    public init(word: Word) throws(UsageError) {
        guard let value = Self(word.text) else {
            throw UsageError("\(word.text) is not a whole number from \(Self.min) to \(Self.max)")
        }
        self = value
    }
}

extension Int: ShellValue {}
extension Int32: ShellValue {}
extension Int64: ShellValue {}
extension UInt32: ShellValue {}

extension Double: ShellValue {}

/// A word as it was written, quoting included: for commands that run another command.
public struct WordOperand: ShellValue, Sendable {
    public var word: Word

    public init(word: Word) throws(UsageError) {
        self.word = word
    }

    public init?(argument: String) {
        word = Word(argument)
    }
}

/// A time such as `500ms`, `30s`, `2m`, `1h`, `7d` or `2w`.
public struct DurationOperand: ShellValue, Sendable {
    public var duration: Duration

    public init?(argument: String) {
        let digits = argument.prefix { $0.isNumber || $0 == "." }
        guard let number = Double(digits), number.isFinite, number >= 0 else { return nil }
        let seconds: Double
        switch argument.dropFirst(digits.count) {
        case "ms": seconds = number / 1000
        case "s": seconds = number
        case "m": seconds = number * 60
        case "h": seconds = number * 3600
        case "d": seconds = number * 86400
        case "w": seconds = number * 7 * 86400
        case "" where number == 0: seconds = 0
        default: return nil
        }
        guard seconds < 1e9 else { return nil }
        duration = .milliseconds(Int64((seconds * 1000).rounded()))
    }

    public init(word: Word) throws(UsageError) {
        guard let value = Self(argument: word.text) else {
            throw UsageError("\(word.text) is not a time: write it as 500ms, 30s, 2m, 1h, 7d or 2w")
        }
        self = value
    }

    public var defaultValueDescription: String { "\(duration)" }
}
