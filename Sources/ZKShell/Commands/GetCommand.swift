internal import ArgumentParser
internal import ZKClient
internal import ZKCore

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

    @Option(
        name: [.customShort("f"), .long], help: ArgumentHelp("Write the bytes to FILE.", valueName: "file"),
        completion: .file())
    var file: String?

    @Argument(help: "The znodes; globs are expanded.")
    var path: [PathOperand]

    func run(in shell: ShellContext) async throws {
        try await shell.forEach(path) { path in
            let (data, stat) = try await read(path, in: shell)
            if let file { return try save(data ?? [], to: file) }
            let result = DataResult(
                path: path, data: data, stat: stat, form: isBase64 ? .base64 : isHex ? .hexDump : .text,
                showsStat: showsStat, endsLine: !omitsNewline)
            if raw { try result.writeRaw(to: shell.output) } else { try shell.emit(result) }
        }
    }

    private func read(_ path: ZnodePath, in shell: ShellContext) async throws -> (data: [UInt8]?, stat: Stat) {
        guard watches else { return try await shell.reader().getData(path) }
        let (data, stat, watch) = try await shell.client().getDataAndWatch(path)
        shell.session.watchNotices.follow(watch)
        return (data, stat)
    }

    private func save(_ bytes: [UInt8], to file: String) throws(ShellError) {
        let descriptor = try LocalFile.create(file, appends: false)
        let output = Output(descriptor: descriptor, isTerminal: LocalFile.isTerminal(descriptor))
        defer { LocalFile.close(descriptor) }
        try output.write(bytes)
        try output.flush()
    }
}
