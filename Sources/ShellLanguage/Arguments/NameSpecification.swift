/// The spellings of an option or a flag, in the order in which they are shown.
public struct NameSpecification: ExpressibleByArrayLiteral, Sendable {
    public enum Element: Sendable {
        /// `--data-file` for a property `dataFile`.
        case long
        /// `-d` for it.
        case short
        case customLong(String, withSingleDash: Bool)
        case customShort(Character)

        public static func customLong(_ name: String) -> Self { .customLong(name, withSingleDash: false) }
    }

    let elements: [Element]

    public init(arrayLiteral elements: Element...) {
        self.elements = elements
    }

    public static var long: Self { [.long] }
    public static var short: Self { [.short] }
    public static var shortAndLong: Self { [.long, .short] }
    public static func customLong(_ name: String) -> Self { [.customLong(name)] }
    public static func customShort(_ name: Character) -> Self { [.customShort(name)] }

    func names(of property: String) -> [CommandSchema.Name] {
        elements.map { element in
            switch element {
            case .long: CommandSchema.Name(kind: .long, text: Self.words(of: property))
            case .short: CommandSchema.Name(kind: .short, text: String(property.prefix(1)))
            case .customLong(let text, let withSingleDash):
                CommandSchema.Name(kind: withSingleDash ? .longWithSingleDash : .long, text: text)
            case .customShort(let letter): CommandSchema.Name(kind: .short, text: String(letter))
            }
        }
    }

    /// `dataFile` is `data-file`.
    static func words(of property: String) -> String {
        var text = ""
        for character in property {
            if character.isUppercase { text += "-" }
            text += character.lowercased()
        }
        return text
    }
}
