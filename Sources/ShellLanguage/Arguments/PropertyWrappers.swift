/// An option with a value: `--depth 3`, `-d3`, `--depth=3`. A later one wins; an array takes all.
@propertyWrapper
public struct Option<Value: ArgumentValue>: Sendable {
    private var storage: ArgumentStorage<Value>

    /// - Parameter wrappedValue: the value when the option is not given.
    public init(
        wrappedValue: Value, name: @autoclosure () -> NameSpecification = .long,
        help: @autoclosure () -> ArgumentHelp? = nil, completion: @autoclosure () -> CommandSchema.Completion? = nil
    ) {
        storage = ArgumentStorage(wrappedValue)
        ArgumentCollector.add(storage) {
            Value.declaration(
                .option, names: name(), help: help(), completion: completion(), defaultValue: wrappedValue)
        }
    }

    /// Without a default value: required, unless the value is an optional.
    public init(
        name: @autoclosure () -> NameSpecification = .long, help: @autoclosure () -> ArgumentHelp? = nil,
        completion: @autoclosure () -> CommandSchema.Completion? = nil
    ) {
        storage = ArgumentStorage(Value.absent)
        ArgumentCollector.add(storage) {
            Value.declaration(.option, names: name(), help: help(), completion: completion(), defaultValue: nil)
        }
    }

    public var wrappedValue: Value {
        get { storage.parsedValue }
        set { storage = ArgumentStorage(newValue) }
    }
}

/// An operand. An array takes all that are left.
@propertyWrapper
public struct Argument<Value: ArgumentValue>: Sendable {
    private var storage: ArgumentStorage<Value>

    /// - Parameter wrappedValue: the value when the operand is not given.
    public init(
        wrappedValue: Value, parsing strategy: CommandSchema.Argument.Strategy = .operands,
        help: @autoclosure () -> ArgumentHelp? = nil, completion: @autoclosure () -> CommandSchema.Completion? = nil
    ) {
        storage = ArgumentStorage(wrappedValue)
        ArgumentCollector.add(storage) {
            Value.declaration(
                .positional, strategy: strategy, help: help(), completion: completion(), defaultValue: wrappedValue)
        }
    }

    /// Without a default value: required, unless the value is an optional.
    public init(
        parsing strategy: CommandSchema.Argument.Strategy = .operands, help: @autoclosure () -> ArgumentHelp? = nil,
        completion: @autoclosure () -> CommandSchema.Completion? = nil
    ) {
        storage = ArgumentStorage(Value.absent)
        ArgumentCollector.add(storage) {
            Value.declaration(
                .positional, strategy: strategy, help: help(), completion: completion(), defaultValue: nil)
        }
    }

    public var wrappedValue: Value {
        get { storage.parsedValue }
        set { storage = ArgumentStorage(newValue) }
    }
}

/// An option without a value.
@propertyWrapper
public struct Flag<Value: FlagValue>: Sendable {
    /// Whether the flag has a twin that switches it off.
    public enum Inversion: Sendable {
        case none
        /// `--no-verify` beside `--verify`.
        case prefixedNo
    }

    private var storage: FlagStorage<Value>

    public init(
        wrappedValue: Value, name: @autoclosure () -> NameSpecification = .long, inversion: Inversion = .none,
        help: @autoclosure () -> ArgumentHelp? = nil
    ) {
        storage = FlagStorage(wrappedValue)
        ArgumentCollector.add(storage) {
            ArgumentDeclaration(
                kind: .flag, names: name(), help: help(), isOptional: true, isRepeating: Value.isCounted,
                isInvertible: inversion == .prefixedNo)
        }
    }

    public init(
        name: @autoclosure () -> NameSpecification = .long, inversion: Inversion = .none,
        help: @autoclosure () -> ArgumentHelp? = nil
    ) {
        self.init(wrappedValue: Value.unset, name: name(), inversion: inversion, help: help())
    }

    public var wrappedValue: Value {
        get { storage.value }
        set { storage = FlagStorage(newValue) }
    }
}

/// Arguments that several commands share.
@propertyWrapper
public struct OptionGroup<Value: ParsableArguments>: Sendable {
    public var wrappedValue: Value

    public init() {
        wrappedValue = Value()
    }
}

/// What a flag can be.
public protocol FlagValue: Sendable {
    /// When the flag is not given.
    static var unset: Self { get }
    /// Whether it matters how often it is given.
    static var isCounted: Bool { get }

    /// - Parameter count: how often it was given.
    static func value(isOn: Bool, count: Int) -> Self
}

extension FlagValue {
    public static var isCounted: Bool { false }
}

extension Bool: FlagValue {
    public static var unset: Bool { false }
    public static func value(isOn: Bool, count: Int) -> Bool { isOn }
}

extension Bool?: FlagValue {
    public static var unset: Bool? { nil }
    public static func value(isOn: Bool, count: Int) -> Bool? { isOn }
}

extension Int: FlagValue {
    public static var unset: Int { 0 }
    public static var isCounted: Bool { true }
    public static func value(isOn: Bool, count: Int) -> Int { count }
}

/// The value of a flag, shared by the copies of its wrapper until one of them is changed.
private final class FlagStorage<Value: FlagValue>: ArgumentSlot, @unchecked Sendable {
    // Written while the command is made, by the one task that makes it.
    var value: Value

    init(_ value: Value) {
        self.value = value
    }

    func set(_ words: [Word], isOn: Bool) throws(UsageError) {
        value = Value.value(isOn: isOn, count: words.count)
    }
}

extension ArgumentStorage {
    fileprivate var parsedValue: Value {
        guard let value else { preconditionFailure("a required argument is read before it was parsed") }
        return value
    }
}
