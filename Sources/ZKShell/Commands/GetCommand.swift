internal import ShellLanguage
internal import ZKClient
internal import ZKCore
internal import ZKText

struct GetCommand: ShellCommand {
    static let declaration = CommandDeclaration(
        name: "get", group: .znodes, abstract: "Print the data of znodes.",
        discussion: """
            To a terminal, control characters and bytes that are not UTF-8 are shown as \\xHH; to a pipe or a file the
            bytes go as they are, with a newline after them (without one: -n or --raw). Null data prints the word null.
            """,
        examples: [
            .init("get /app", "the data"), .init("get -s /app", "and the stat"),
            .init("get --raw /app > app.bin", "the bytes, exactly, into a file"),
        ],
        exitStatuses: [.init(.noNode, "a znode does not exist")], isFromZKCLI: true, trailingWord: .watch)

    @Flag(name: .customShort("s"), help: "Print the stat after the data.")
    var showsStat = false

    @Flag(name: .customShort("w"), help: "Arm a watch that reports the next change of the data.")
    var watches = false

    @Flag(name: .customShort("b"), help: "Print the data in base64.")
    var isBase64 = false

    @Flag(name: .customShort("x"), help: "Print the data as a hex dump.")
    var isHex = false

    @Flag(name: .customShort("n"), help: "No newline after the data.")
    var omitsNewline = false

    @Flag(help: "Only the bytes, as with the global option --raw.")
    var raw = false

    @Flag(name: .customShort("z"), help: "Unpack data in gzip, zlib or LZ4 form; other data stays as it is.")
    var unpacks = false

    @Option(help: ArgumentHelp("Print the part of JSON data at EXPR, such as .servers[0].name.", valueName: "expr"))
    var jsonPath: String?

    @Option(
        name: [.customShort("f"), .long],
        help: ArgumentHelp("Write the bytes of the one znode to FILE.", valueName: "file"), completion: .file)
    var file: WordOperand?

    @OptionGroup var labelOptions: LabelOptions

    @Argument(help: "The znodes; globs are expanded.")
    var path: [PathOperand]

    func run(in shell: ShellContext) async throws {
        let jsonPath = if let text = jsonPath { try JSONPath(text) } else { nil as JSONPath? }
        let paths = try await shell.expand(path)
        if let file, paths.count > 1 {
            throw UsageError("-f \(file.word.text): a file holds the data of one znode, and these are \(paths.count)")
        }
        var ahead = paths.count > 1 && !watches ? ReadAhead(of: paths, on: try await shell.reader()) : nil
        let usesLabels = !raw && file == nil
        func forEach(_ body: (ZnodePath) async throws -> Void) async throws {
            if usesLabels { return try await labelOptions.forEach(paths, in: shell, body) }
            try await shell.forEach(paths, body)
        }
        try await forEach { path in
            var (data, stat) = try await read(path, &ahead, in: shell)
            if unpacks, let packed = data { data = try Self.unpacked(packed, path: path) }
            if let jsonPath { data = try Self.part(of: data ?? [], at: jsonPath, path: path) }
            if let file { return try save(data ?? [], to: file) }
            let result = DataResult(
                path: path, data: data, stat: stat, form: isBase64 ? .base64 : isHex ? .hexDump : .text,
                showsStat: showsStat, endsLine: !omitsNewline)
            if raw { try result.writeRaw(to: shell.output) } else { try shell.emit(result) }
        }
    }

    private static func unpacked(_ data: [UInt8], path: ZnodePath) throws(ShellError) -> [UInt8] {
        let unpacked: [UInt8]?
        if LZ4Frame.isPacked(data) {
            unpacked = LZ4Frame.unpack(data)
        } else if Inflate.isPacked(data) {
            unpacked = Inflate.unpack(data)
        } else {
            return data
        }
        guard let unpacked else { throw ShellError(.failure, "\(path): the packed data is damaged", path: path) }
        return unpacked
    }

    /// Text without its quotes, everything else as JSON.
    private static func part(of data: [UInt8], at jsonPath: JSONPath, path: ZnodePath) throws(ShellError) -> [UInt8] {
        let root: JSONValue
        do throws(JSONError) {
            root = try JSONValue(parsing: data)
        } catch {
            throw ShellError(.failure, "\(path): the data is not JSON: \(error)", path: path)
        }
        guard let value = jsonPath.value(in: root) else {
            throw ShellError(.failure, "\(path): the data has nothing at this place", path: path)
        }
        return value.stringValue.map { Array($0.utf8) } ?? value.serialized
    }

    private func read(
        _ path: ZnodePath, _ ahead: inout ReadAhead?, in shell: ShellContext
    ) async throws -> (data: [UInt8]?, stat: Stat) {
        if let znode = try await ahead?.data(of: path) { return (znode.data, znode.stat) }
        guard watches else { return try await shell.getData(path) }
        let (data, stat, watch) = try await shell.client().getDataAndWatch(
            path, onEvent: shell.session.watchNotices.onEvent)
        shell.session.watchNotices.follow(watch)
        return (data, stat)
    }

    private func save(_ bytes: [UInt8], to file: WordOperand) throws(ShellError) {
        let descriptor = try LocalFile.create(FileName(file.word), appends: false)
        let output = Output(descriptor: descriptor, isTerminal: LocalFile.isTerminal(descriptor))
        defer { LocalFile.close(descriptor) }
        try output.write(bytes)
        try output.flush()
    }
}
