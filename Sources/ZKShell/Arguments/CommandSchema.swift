public import ArgumentParser
internal import ZKText

/// The arguments of a command as swift-argument-parser describes them, in the order of their declaration.
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
        public var discussion: String
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
        case values([String])
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
    let namedByBytes: [[UInt8]: Int]
    let needsAllRemaining: Bool

    private static let described = SchemaCache()

    /// The schema of `command`, made at the first call: the first of all takes 3 ms, each other one some 0.2 ms.
    public static func of(_ command: any ParsableArguments.Type) -> CommandSchema {
        described.schema(of: command) { CommandSchema(toolInfo: command._dumpHelp()) }
    }

    /// - Parameter toolInfo: what `_dumpHelp()` of a `ParsableArguments` type returns.
    convenience init(toolInfo: String) {
        let dumped: [JSONValue]
        do throws(JSONError) {
            dumped = try JSONValue(parsing: toolInfo.utf8)["command"]?["arguments"]?.arrayValue ?? []
        } catch {
            preconditionFailure("swift-argument-parser's tool info is not JSON: \(error)")
        }
        // The last one is the --help that the library adds to every command.
        self.init(arguments: dumped.dropLast().map(Argument.init(dumped:)))
    }

    init(arguments: [Argument]) {
        self.arguments = arguments
        positionals = arguments.indices.filter { [arguments] in arguments[$0].kind == .positional }
        needsAllRemaining = arguments.contains { $0.strategy == .allRemaining }
        var named: [[UInt8]: Int] = [:]
        for (index, argument) in arguments.enumerated() {
            for name in argument.names { named[Array(name.spelling.utf8)] = index }
        }
        namedByBytes = named
    }

    public var options: [Argument] { arguments.filter { $0.kind != .positional } }
    public var operands: [Argument] { positionals.map { arguments[$0] } }
}

extension CommandSchema.Argument {
    fileprivate init(dumped: JSONValue) {
        guard let kind = dumped["kind"]?.stringValue.flatMap(Kind.init) else {
            preconditionFailure("swift-argument-parser's tool info has an argument of unknown kind")
        }
        self.kind = kind
        names = (dumped["names"]?.arrayValue ?? []).compactMap { name in
            guard let kind = name["kind"]?.stringValue.flatMap(CommandSchema.Name.Kind.init),
                let text = name["name"]?.stringValue
            else { return nil }
            return CommandSchema.Name(kind: kind, text: text)
        }
        valueName = dumped["valueName"]?.stringValue ?? "value"
        isOptional = dumped["isOptional"]?.boolValue ?? false
        isRepeating = dumped["isRepeating"]?.boolValue ?? false
        isHidden = dumped["shouldDisplay"]?.boolValue == false
        strategy =
            switch dumped["parsingStrategy"]?.stringValue {
            case "allRemainingInput": .allRemaining
            case "postTerminator": .afterTerminator
            default: .operands
            }
        defaultValue = dumped["defaultValue"]?.stringValue
        allowedValues = (dumped["allValues"]?.arrayValue ?? []).compactMap(\.stringValue)
        completion = CommandSchema.Completion(dumped: dumped["completionKind"])
        abstract = dumped["abstract"]?.stringValue ?? ""
        discussion = dumped["discussion"]?.stringValue ?? ""
    }
}

extension CommandSchema.Completion {
    fileprivate init(dumped: JSONValue?) {
        if let values = dumped?["list"]?["values"]?.arrayValue {
            self = .values(values.compactMap(\.stringValue))
        } else if dumped?["file"] != nil {
            self = .file
        } else if dumped?["directory"] != nil {
            self = .directory
        } else {
            self =
                switch dumped?["shellCommand"]?["command"]?.stringValue {
                case CompletionKind.znodeMark: .znode
                case CompletionKind.commandMark: .command
                case CompletionKind.hostMark: .host
                case CompletionKind.dataMark: .data
                default: .none
                }
        }
    }
}

extension CompletionKind {
    static let znodeMark = "zoosh __complete znode"
    static let commandMark = "zoosh __complete command"
    static let hostMark = "zoosh __complete host"
    static let dataMark = "zoosh __complete data"

    /// Paths of znodes on the server that the shell is connected to.
    public static var znode: CompletionKind { .shellCommand(znodeMark) }
    /// Commands of the shell.
    public static var command: CompletionKind { .shellCommand(commandMark) }
    /// Data of a znode: text, or `@` and a local file.
    public static var data: CompletionKind { .shellCommand(dataMark) }
    /// Servers that were connected to before.
    public static var host: CompletionKind { .shellCommand(hostMark) }
}
