/// The arguments of one command, in the order of their declaration.
///
/// A command is declared by the property wrappers of its type, and each wrapper adds itself here while the command is
/// made. So a command needs neither a decoder nor a description that is generated: making one tells what it takes, and
/// hands out the places where the values go.
final class ArgumentCollector: @unchecked Sendable {
    // Filled and read by the one task that makes the command.
    private(set) var slots: [any ArgumentSlot] = []
    private(set) var declarations: [ArgumentDeclaration] = []
    /// Whether the texts and names are wanted too, which cost more than all else.
    let describes: Bool

    @TaskLocal private static var current: ArgumentCollector?

    private init(describes: Bool) {
        self.describes = describes
    }

    static func collect<Arguments: ParsableArguments>(
        _ type: Arguments.Type, describes: Bool
    ) -> (arguments: Arguments, collector: ArgumentCollector) {
        let collector = ArgumentCollector(describes: describes)
        return ($current.withValue(collector) { Arguments() }, collector)
    }

    static func add(_ slot: some ArgumentSlot, _ declaration: () -> ArgumentDeclaration) {
        guard let current else { return }
        current.slots.append(slot)
        if current.describes { current.declarations.append(declaration()) }
    }
}

/// What a property wrapper says of its argument; the name of the property is not known to it.
struct ArgumentDeclaration {
    var kind: CommandSchema.Argument.Kind
    var names: NameSpecification = []
    var help: ArgumentHelp?
    var isOptional = false
    var isRepeating = false
    var strategy = CommandSchema.Argument.Strategy.operands
    var defaultValue: String?
    var allowedValues: [String] = []
    var completion = CommandSchema.Completion.none
    /// A flag that has a `--no-` twin.
    var isInvertible = false
}

/// Where the value of an argument goes.
protocol ArgumentSlot: AnyObject {
    /// - Parameters:
    ///   - words: at least one; for a flag, its spellings.
    ///   - isOn: false for the `--no-` twin of a flag.
    func set(_ words: [Word], isOn: Bool) throws(UsageError)
}

/// The value of a property, shared by the copies of its wrapper until one of them is changed.
final class ArgumentStorage<Value>: @unchecked Sendable where Value: Sendable {
    // Written while the command is made, by the one task that makes it.
    var value: Value?

    init(_ value: Value?) {
        self.value = value
    }
}

extension ArgumentStorage: ArgumentSlot where Value: ArgumentValue {
    func set(_ words: [Word], isOn: Bool) throws(UsageError) {
        value = try Value.make(from: words)
    }
}
