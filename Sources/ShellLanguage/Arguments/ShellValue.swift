/// A type that an option or operand of a command can have.
public protocol ShellValue: ArgumentValue {
    /// - Throws: ``UsageError`` that says what would be right.
    init(word: Word) throws(UsageError)

    /// Nil for a text that is no such value.
    init?(argument: String)

    /// All texts that are a value, when there are few.
    static var allValueStrings: [String] { get }
    static var defaultCompletionKind: CommandSchema.Completion { get }
    /// How help writes the value when it is the default.
    var defaultValueDescription: String { get }
}

/// What an option or operand as a whole can have: a value, an optional value, or values.
public protocol ArgumentValue: Sendable {
    /// - Parameter words: the words given, at least one.
    static func make(from words: [Word]) throws(UsageError) -> Self
    /// The value when no word is given; nil when one must be.
    static var absent: Self? { get }
    static var isRepeating: Bool { get }
    /// The type of each value.
    static var valueType: any ShellValue.Type { get }
    /// As text, for help; nil when there is none to tell.
    var shownDefault: String? { get }
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

    public static var absent: Self? { nil }
    public static var isRepeating: Bool { false }
    public static var valueType: any ShellValue.Type { Self.self }
    public var shownDefault: String? { defaultValueDescription }

    public static var allValueStrings: [String] { [] }
    public static var defaultCompletionKind: CommandSchema.Completion {
        allValueStrings.isEmpty ? .none : .list(allValueStrings)
    }
    public var defaultValueDescription: String { "\(self)" }
}

extension ShellValue where Self: CaseIterable, Self: RawRepresentable, RawValue == String {
    public static var allValueStrings: [String] { allCases.map(\.rawValue) }
}

extension ShellValue where Self: RawRepresentable, RawValue == String {
    public init?(argument: String) {
        self.init(rawValue: argument)
    }

    public var defaultValueDescription: String { rawValue }
}

extension ShellValue where Self: LosslessStringConvertible {
    public init?(argument: String) {
        self.init(argument)
    }
}

extension Optional: ArgumentValue where Wrapped: ShellValue {
    public static func make(from words: [Word]) throws(UsageError) -> Self {
        guard let word = words.last else { return nil }
        return try Wrapped(word: word)
    }

    public static var absent: Self? { .some(nil) }
    public static var isRepeating: Bool { false }
    public static var valueType: any ShellValue.Type { Wrapped.self }
    public var shownDefault: String? { map(\.defaultValueDescription) }
}

extension Array: ArgumentValue where Element: ShellValue {
    public static func make(from words: [Word]) throws(UsageError) -> Self {
        var elements: [Element] = []
        elements.reserveCapacity(words.count)
        for word in words { elements.append(try Element(word: word)) }
        return elements
    }

    public static var absent: Self? { nil }
    public static var isRepeating: Bool { true }
    public static var valueType: any ShellValue.Type { Element.self }
    public var shownDefault: String? { isEmpty ? nil : map(\.defaultValueDescription).joined(separator: ", ") }
}

extension ArgumentValue {
    /// - Parameter defaultValue: nil when the argument has none.
    static func declaration(
        _ kind: CommandSchema.Argument.Kind, names: NameSpecification = [],
        strategy: CommandSchema.Argument.Strategy = .operands, help: ArgumentHelp?,
        completion: CommandSchema.Completion?, defaultValue: Self?
    ) -> ArgumentDeclaration {
        ArgumentDeclaration(
            kind: kind, names: names, help: help, isOptional: defaultValue != nil || absent != nil,
            isRepeating: isRepeating, strategy: strategy, defaultValue: (defaultValue ?? absent)?.shownDefault,
            allowedValues: valueType.allValueStrings, completion: completion ?? valueType.defaultCompletionKind)
    }
}

extension String: ShellValue {
    public init?(argument: String) {
        self = argument
    }

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
