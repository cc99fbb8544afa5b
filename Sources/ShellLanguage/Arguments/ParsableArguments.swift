/// A type whose properties are declared with `@Flag`, `@Option`, `@Argument` and `@OptionGroup`.
///
/// Flags are `Bool`, `Bool?` or `Int` (counted); other properties hold a ``ShellValue``, an optional or an array of it.
public protocol ParsableArguments: Sendable {
    init()

    /// Refuses values that do not go together.
    ///
    /// - Throws: ``UsageError``.
    func validate() throws
}

extension ParsableArguments {
    public func validate() throws {}

    /// Makes the value that `matched` asks for.
    ///
    /// - Throws: ``UsageError`` when a value cannot be read, and what ``validate()`` throws.
    public static func make(from matched: MatchedArguments, schema: CommandSchema) throws -> Self {
        let (arguments, collector) = ArgumentCollector.collect(Self.self, describes: false)
        for (index, argument) in schema.arguments.enumerated() where !matched.words[index].isEmpty {
            // Of a flag and its twin the later one counts.
            if let twin = argument.twin, let other = matched.order.lastIndex(of: twin),
                let own = matched.order.lastIndex(of: index), other > own
            {
                continue
            }
            do throws(UsageError) {
                try collector.slots[argument.slot].set(matched.words[index], isOn: !argument.isOpposite)
            } catch {
                let name = argument.names.first?.spelling ?? argument.valueName.uppercased()
                throw UsageError("\(name): \(error.message)")
            }
        }
        try arguments.validate()
        return arguments
    }

    /// Matches `words` and makes the value that they ask for; nil when they ask for help.
    ///
    /// - Throws: ``UsageError``, and what ``validate()`` throws.
    public static func parse(_ words: [Word]) throws -> Self? {
        let schema = CommandSchema.of(Self.self)
        let matched = try ArgumentMatcher.match(words, schema: schema)
        return matched.asksForHelp ? nil : try make(from: matched, schema: schema)
    }
}
