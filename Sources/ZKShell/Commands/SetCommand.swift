internal import ShellLanguage
internal import ZKClient
internal import ZKCore

struct SetCommand: ShellCommand {
    static let declaration = CommandDeclaration(
        name: "set", group: .znodes, abstract: "Replace the data of a znode.",
        examples: [
            .init("set /app 'new data'", "whatever the version is"),
            .init("set -v 3 /app @app.json", "only when nobody has changed it since version 3"),
            .init("set -p /a/b/c x", "create it, and its parents, when missing"),
        ],
        exitStatuses: [
            .init(.noNode, "the znode does not exist"), .init(.badVersion, "it has another version, or other data"),
        ],
        writes: true, isFromZKCLI: true)

    @Flag(name: .customShort("s"), help: "Print the new stat.")
    var showsStat = false

    @Option(name: .customShort("v"), help: ArgumentHelp("Only when the data has this version.", valueName: "version"))
    var version: Int32?

    @Flag(name: [.customShort("p"), .customLong("create")], help: "Create the znode and its parents when missing.")
    var createsMissing = false

    @Option(name: .customLong("if-data"), help: ArgumentHelp("Only when the present data is OLD.", valueName: "old"))
    var expectedData: WordOperand?

    @Flag(help: "Print the difference of the old and the new data.")
    var diff = false

    @OptionGroup var dataOptions: DataOptions

    @Argument(help: "The znode.")
    var path: PathOperand

    @Argument(help: "Its new data: text, @FILE, or @- for stdin.")
    var data: DataOperand?

    func run(in shell: ShellContext) async throws {
        try checkHasData()
        let path = try shell.resolve(path)
        let bytes = try await dataOptions.bytes(data, in: shell)
        if diff { try await printDifference(path, bytes ?? [], in: shell) }
        if shell.options.isDryRun {
            try await shell.checkChange(of: path, version: version, createsMissing: createsMissing)
            return try shell.wouldDo(
                "set \(path) (\(bytes.map { "\($0.count) bytes" } ?? "null data"))",
                createsMissing ? .others : .changesData)
        }
        let stat = try await set(path, to: bytes, in: shell)
        if let stat, shell.options.output == .json || showsStat {
            try shell.emit(StatResult(path: path, stat: stat))
        }
    }

    func checkHasData() throws(UsageError) {
        guard data != nil || dataOptions.dataFile != nil || dataOptions.isNull else {
            throw UsageError("missing operand DATA; write '' for zero bytes, --null for null data")
        }
    }

    private func printDifference(_ path: ZnodePath, _ new: [UInt8], in shell: ShellContext) async throws {
        let old = try await shell.client().getDataIfExists(path) ?? []
        guard let oldText = String(validating: old, as: UTF8.self), let newText = String(validating: new, as: UTF8.self)
        else { return try shell.output.writeLine("\(path): the data is not text") }
        try shell.output.write(UnifiedDiff.text(oldText, newText, names: ("\(path)", "\(path) (new)")))
    }

    private func set(_ path: ZnodePath, to bytes: [UInt8]?, in shell: ShellContext) async throws -> Stat? {
        var version = version ?? -1
        if let expectedData {
            let (present, stat) = try await shell.client().getData(path)
            guard (present ?? []) == expectedData.word.bytes else {
                throw ShellError(.badVersion, "\(path): the present data is not the data of --if-data", path: path)
            }
            guard version == -1 || version == stat.version else {
                throw ShellError(.badVersion, "\(path): the version is \(stat.version), not \(version)", path: path)
            }
            version = stat.version
        }
        do {
            guard case .setData(let stat) = try await shell.perform(.setData(path, data: bytes, version: version))
            else { return nil }
            return stat
        } catch let error as ZooKeeperError where error.code == .noNode && createsMissing {
            let client = try await shell.client()
            try await client.createParents(of: path)
            return try await client.createWithStat(path, data: bytes).stat
        }
    }
}

extension ZooKeeperClient {
    /// Nil for null data and for a znode that does not exist.
    fileprivate func getDataIfExists(_ path: ZnodePath) async throws -> [UInt8]? {
        do {
            return try await getData(path).data
        } catch let error as ZooKeeperError where error.code == .noNode {
            return nil
        }
    }
}
