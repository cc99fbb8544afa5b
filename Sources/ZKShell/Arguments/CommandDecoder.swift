internal import ArgumentParser

/// Makes commands out of matched words.
///
/// swift-argument-parser reads a declaration anew at each parse, which takes 100 us: too slow for a file of 10,000
/// commands. A command is `Decodable` by its declaration, so this decoder hands its properties their values in the
/// order of the declaration, which takes a few microseconds. Tests compare both ways for every command.
final class CommandDecoder: Decoder {
    private let schema: CommandSchema
    private let matched: MatchedArguments
    private var cursor = 0

    /// - Throws: ``UsageError`` when a value cannot be read.
    static func make(
        _ command: any ShellCommand.Type, from matched: MatchedArguments, schema: CommandSchema
    ) throws -> any ShellCommand {
        var made = try command.init(from: CommandDecoder(schema: schema, matched: matched))
        try made.validate()
        return made
    }

    static func make<Arguments: ParsableArguments>(
        arguments: Arguments.Type, from matched: MatchedArguments, schema: CommandSchema
    ) throws -> Arguments {
        var made = try Arguments(from: CommandDecoder(schema: schema, matched: matched))
        try made.validate()
        return made
    }

    private init(schema: CommandSchema, matched: MatchedArguments) {
        self.schema = schema
        self.matched = matched
    }

    var codingPath: [any CodingKey] { [] }
    var userInfo: [CodingUserInfoKey: Any] { [:] }

    func container<Key: CodingKey>(keyedBy type: Key.Type) -> KeyedDecodingContainer<Key> {
        KeyedDecodingContainer(Container(decoder: self))
    }

    func unkeyedContainer() -> any UnkeyedDecodingContainer {
        preconditionFailure("a command decodes its properties by key")
    }

    func singleValueContainer() -> any SingleValueDecodingContainer {
        preconditionFailure("a command decodes its properties by key")
    }

    /// The value of the next argument of the declaration.
    fileprivate func nextValue<Value: ArgumentValue>(of type: Value.Type) throws -> Value {
        let argument = schema.arguments[cursor]
        var words = matched.words[cursor]
        cursor += 1
        if words.isEmpty, let defaultValue = argument.defaultValue { words = [Word(defaultValue)] }
        do throws(UsageError) {
            return try Value.make(from: words)
        } catch {
            throw UsageError("\(argument.names.first?.spelling ?? argument.valueName.uppercased()): \(error.message)")
        }
    }

    fileprivate func nextCount() -> Int {
        defer { cursor += 1 }
        return matched.words[cursor].count
    }

    private struct Container<Key: CodingKey>: KeyedDecodingContainerProtocol {
        let decoder: CommandDecoder

        var codingPath: [any CodingKey] { [] }
        var allKeys: [Key] { [] }

        func contains(_ key: Key) -> Bool { true }
        func decodeNil(forKey key: Key) -> Bool { false }

        func decode<T: Decodable>(_ type: T.Type, forKey key: Key) throws -> T {
            if let value = try decodeCommon(type) { return value }
            guard let property = type as? any DeclaredProperty.Type,
                let value = try property.make(from: decoder) as? T
            else {
                preconditionFailure(
                    "\(key.stringValue) of a command is not an argument of a type that commands may have")
            }
            return value
        }

        /// Makes what most commands and the global options have: at the first time the search for the conformance of a
        /// type takes longer than all else that is done for an option.
        private func decodeCommon<T>(_ type: T.Type) throws -> T? {
            try make(Flag<Bool>.self, as: type) ?? make(ArgumentParser.Option<String?>.self, as: type)
                ?? make(Argument<[PathOperand]>.self, as: type) ?? make(Argument<PathOperand>.self, as: type)
                ?? make(ArgumentParser.Option<MillisecondsOperand?>.self, as: type)
        }

        private func make<Property: DeclaredProperty, T>(_ property: Property.Type, as type: T.Type) throws -> T? {
            property == type ? try property.make(from: decoder) as? T : nil
        }

        func nestedContainer<NestedKey: CodingKey>(
            keyedBy type: NestedKey.Type, forKey key: Key
        ) -> KeyedDecodingContainer<NestedKey> {
            decoder.container(keyedBy: type)
        }

        func nestedUnkeyedContainer(forKey key: Key) -> any UnkeyedDecodingContainer { decoder.unkeyedContainer() }
        func superDecoder() -> any Decoder { decoder }
        func superDecoder(forKey key: Key) -> any Decoder { decoder }
    }
}

/// A property wrapper of swift-argument-parser that can be made with a value.
private protocol DeclaredProperty {
    static func make(from decoder: CommandDecoder) throws -> Self
}

extension Flag: DeclaredProperty where Value: FlagValue {
    fileprivate static func make(from decoder: CommandDecoder) throws -> Self {
        Value.flag(count: decoder.nextCount())
    }
}

extension ArgumentParser.Option: DeclaredProperty where Value: ArgumentValue {
    fileprivate static func make(from decoder: CommandDecoder) throws -> Self {
        let value = try decoder.nextValue(of: Value.self)
        var option = Self(wrappedValue: value, transform: { _ in value })
        option.wrappedValue = value
        return option
    }
}

extension Argument: DeclaredProperty where Value: ArgumentValue {
    fileprivate static func make(from decoder: CommandDecoder) throws -> Self {
        let value = try decoder.nextValue(of: Value.self)
        var argument = Self(wrappedValue: value, transform: { _ in value })
        argument.wrappedValue = value
        return argument
    }
}

extension OptionGroup: DeclaredProperty {
    fileprivate static func make(from decoder: CommandDecoder) throws -> Self {
        var group = Self()
        var value = try Value(from: decoder)
        try value.validate()
        group.wrappedValue = value
        return group
    }
}

/// What a flag of a command can be.
private protocol FlagValue {
    static func flag(count: Int) -> Flag<Self>
}

extension Bool: FlagValue {
    /// A new one looks at its names, which takes longer than all else that is done for a flag.
    private static let unset = Flag(wrappedValue: false)

    fileprivate static func flag(count: Int) -> Flag<Bool> {
        var flag = unset
        flag.wrappedValue = count > 0
        return flag
    }
}

extension Int: FlagValue {
    fileprivate static func flag(count: Int) -> Flag<Int> {
        var flag = Flag<Int>(name: .long)
        flag.wrappedValue = count
        return flag
    }
}
