public import ShellLanguage
internal import ZKText

/// Data for a znode, as it was written: literal text, `@FILE`, `@-` for stdin, `@@x` for the text `@x`.
public struct DataOperand: ShellValue, Sendable {
    public var word: Word

    public init(word: Word) throws(UsageError) {
        self.word = word
    }

    public init?(argument: String) {
        word = Word(argument)
    }

    public static var defaultCompletionKind: CommandSchema.Completion { .data }
}

/// Options of the commands that take data.
struct DataOptions: ParsableArguments {
    @Flag(name: [.customShort("b"), .customLong("base64")], help: "DATA is base64.")
    var isBase64 = false

    @Flag(name: [.customShort("x"), .customLong("hex")], help: "DATA is hexadecimal digits.")
    var isHex = false

    @Option(help: ArgumentHelp("Take the data from FILE; - is stdin.", valueName: "file"), completion: .file)
    var dataFile: WordOperand?

    @Flag(name: .customLong("null"), help: "Null data, which is not the same as zero bytes.")
    var isNull = false

    /// The bytes to store; nil for null data.
    ///
    /// - Throws: ``UsageError`` for wrong base64 or hexadecimal text, ``ShellError`` 74 for a file that cannot be read.
    func bytes(_ operand: DataOperand?, in shell: ShellContext) async throws -> [UInt8]? {
        let sources = [operand != nil, dataFile != nil, isNull].filter { $0 }.count
        guard sources <= 1 else { throw UsageError("the data is given twice: as DATA, --data-file or --null") }
        guard !(isBase64 && isHex) else { throw UsageError("the data is either base64 (-b) or hexadecimal (-x)") }
        let raw: [UInt8]
        if let dataFile {
            raw = try await LocalFile.read(FileName(dataFile.word), or: shell.input)
        } else if let operand {
            raw = try await read(operand.word, in: shell)
        } else {
            return nil
        }
        if isBase64 {
            guard let bytes = Base64.decode(raw) else { throw UsageError("the data is not base64") }
            return bytes
        }
        if isHex {
            guard let bytes = Hex.decode(raw) else { throw UsageError("the data is not pairs of hexadecimal digits") }
            return bytes
        }
        return raw
    }

    private func read(_ word: Word, in shell: ShellContext) async throws -> [UInt8] {
        let at = UInt8(ascii: "@")
        guard word.bytes.first == at, !word.startsLiterally, !shell.options.isCompatible else { return word.bytes }
        let name = Array(word.bytes.dropFirst())
        if name.first == at { return name }
        guard !name.isEmpty else { throw UsageError("@ needs the name of a file after it; write @@ for the text @") }
        return try await LocalFile.read(FileName(Word(bytes: name)), or: shell.input)
    }
}
