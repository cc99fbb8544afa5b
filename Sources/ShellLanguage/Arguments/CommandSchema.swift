/// The arguments of a command, in the order of their declaration. Parsing, help, the man pages, completion scripts and
/// TAB are all made from it.
public final class CommandSchema: Sendable {
    public struct Argument: Sendable {
        public enum Kind: String, Sendable {
            case positional
            case option
            case flag
        }

        /// How words reach a positional argument.
        public enum Strategy: Sendable {
            case operands
            /// Every word from the first operand on, options included: the command of `time` or `repeat`.
            case allRemaining
            /// The words after `--`.
            case afterTerminator
        }

        public var kind: Kind
        public var names: [Name]
        public var valueName: String
        public var isOptional: Bool
        public var isRepeating: Bool
        public var isHidden: Bool
        public var strategy: Strategy
        public var defaultValue: String?
        public var allowedValues: [String]
        public var completion: Completion
        public var abstract: String
        /// Where the value goes, as an index into the slots of ``ArgumentCollector``.
        var slot: Int
        /// The index of the argument that says the opposite.
        var twin: Int?
        /// Whether this is the twin that switches the flag off.
        var isOpposite = false
    }

    /// The spelling of an option or flag.
    public struct Name: Hashable, Sendable {
        public enum Kind: String, Sendable {
            case short
            case long
            case longWithSingleDash
        }

        public var kind: Kind
        public var text: String

        /// With its dashes.
        public var spelling: String { (kind == .long ? "--" : "-") + text }
    }

    /// What TAB offers for a value.
    public enum Completion: Hashable, Sendable {
        case none
        case list([String])
        case znode
        case file
        case directory
        case command
        case host
        /// Text, or a local file behind an `@`.
        case data
    }

    public let arguments: [Argument]
    /// The operands, as indices into ``arguments``.
    let positionals: [Int]
    /// By spelling, dashes included.
    public let namedByBytes: [[UInt8]: Int]
    let needsAllRemaining: Bool

    private static let cache = SchemaCache()

    /// The schema of `command`, made at the first call.
    public static func of<Arguments: ParsableArguments>(_ command: Arguments.Type) -> CommandSchema {
        cache.schema(of: command) { CommandSchema(describing: command) }
    }

    private init<Arguments: ParsableArguments>(describing type: Arguments.Type) {
        let (arguments, collector) = ArgumentCollector.collect(type, describes: true)
        let properties = Self.properties(of: arguments)
        precondition(
            properties.count == collector.declarations.count,
            "every property of \(type) is declared by @Flag, @Option, @Argument or @OptionGroup")
        var described: [Argument] = []
        for (slot, declaration) in collector.declarations.enumerated() {
            described.append(Argument(declaration, property: properties[slot], slot: slot))
            if declaration.isInvertible { described += described.removeLast().withTwin(at: described.count) }
        }
        self.arguments = described
        positionals = described.indices.filter { described[$0].kind == .positional }
        needsAllRemaining = described.contains { $0.strategy == .allRemaining }
        var named: [[UInt8]: Int] = [:]
        for (index, argument) in described.enumerated() {
            for name in argument.names { named[Array(name.spelling.utf8)] = index }
        }
        namedByBytes = named
    }

    /// The names of the properties, those of groups in their place.
    private static func properties(of arguments: Any) -> [String] {
        Mirror(reflecting: arguments).children.flatMap { child -> [String] in
            if let group = child.value as? any AnyOptionGroup { return properties(of: group.anyValue) }
            guard child.value is any DeclaredArgument, let label = child.label else { return [] }
            // The wrapper of `path` is stored as `_path`.
            return [String(label.dropFirst())]
        }
    }

    public var options: [Argument] { arguments.filter { $0.kind != .positional } }
    public var operands: [Argument] { positionals.map { arguments[$0] } }
}

/// A property wrapper with an argument of its own.
protocol DeclaredArgument {}

/// An ``OptionGroup`` of any type.
protocol AnyOptionGroup {
    var anyValue: Any { get }
}

extension Option: DeclaredArgument {}
extension Argument: DeclaredArgument {}
extension Flag: DeclaredArgument {}

extension OptionGroup: AnyOptionGroup {
    var anyValue: Any { wrappedValue }
}

extension CommandSchema.Argument {
    fileprivate init(_ declaration: ArgumentDeclaration, property: String, slot: Int) {
        kind = declaration.kind
        names = declaration.names.names(of: property)
        let longest = names.first { $0.kind == .long } ?? names.first
        valueName = declaration.help?.valueName ?? longest?.text ?? NameSpecification.words(of: property)
        isOptional = declaration.isOptional
        isRepeating = declaration.isRepeating
        isHidden = declaration.help?.isHidden ?? false
        strategy = declaration.strategy
        defaultValue = declaration.defaultValue
        allowedValues = declaration.allowedValues
        completion = declaration.completion
        abstract = declaration.help?.abstract ?? ""
        self.slot = slot
        twin = nil
    }

    /// The flag, which is the argument at `index`, and the one behind it that switches it off.
    fileprivate func withTwin(at index: Int) -> [Self] {
        var (on, off) = (self, self)
        on.twin = index + 1
        off.twin = index
        off.isOpposite = true
        off.names = names.filter { $0.kind == .long }.map { .init(kind: .long, text: "no-" + $0.text) }
        off.abstract = "The opposite of \(on.names.last?.spelling ?? "")."
        return [on, off]
    }
}
