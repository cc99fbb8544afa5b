internal import ShellLanguage
internal import ZKClient
internal import ZKCore
internal import ZKText

struct TouchCommand: ShellCommand {
    static let declaration = CommandDeclaration(
        name: "touch", group: .znodes, abstract: "Create znodes, or write the same data again.",
        discussion: "A new znode has null data. The data of one that exists stays, its version and mtime change.",
        examples: [.init("touch /app/reload", "watches of /app/reload go off"), .init("touch /a /b", "two of them")],
        exitStatuses: [.init(.noNode, "the parent does not exist")], writes: true)

    @Argument(help: "The znodes; globs are expanded.")
    var path: [PathOperand]

    func run(in shell: ShellContext) async throws {
        try await shell.forEach(path) { path in
            if shell.options.isDryRun {
                try await shell.checkCreationOrChange(of: path)
                return try shell.wouldDo("touch \(path)", .creates(path))
            }
            try await shell.client().change(path) { data, _ in data }
            if shell.options.output == .json { try shell.emit(DoneResult(path: path)) }
        }
    }
}

struct AppendCommand: ShellCommand {
    static let declaration = CommandDeclaration(
        name: "append", group: .znodes, abstract: "Add to the end of a znode's data.",
        discussion: "Somebody else's change in between is noticed, and the data read again. Creates a missing znode.",
        examples: [
            .init("append /log $'line\\n'", "a line of text"), .init("append -x /bin 00ff", "two bytes"),
        ],
        exitStatuses: [.init(.noNode, "the parent does not exist")], writes: true)

    @OptionGroup var dataOptions: DataOptions

    @Argument(help: "The znode.")
    var path: PathOperand

    @Argument(help: "What to add: text, @FILE, or @- for stdin.")
    var data: DataOperand?

    func run(in shell: ShellContext) async throws {
        let path = try shell.resolve(path)
        guard let added = try await dataOptions.bytes(data, in: shell) else { throw UsageError("missing operand DATA") }
        if shell.options.isDryRun {
            try await shell.checkCreationOrChange(of: path)
            return try shell.wouldDo("append \(added.count) bytes to \(path)", .creates(path))
        }
        let stat = try await shell.client().change(path) { data, _ in (data ?? []) + added }
        if shell.options.output == .json, let stat { try shell.emit(StatResult(path: path, stat: stat)) }
    }
}

struct IncrementCommand: ShellCommand {
    static let declaration = CommandDeclaration(
        name: "incr", group: .znodes, abstract: "Add to the number that a znode's data is, and print the sum.",
        discussion: "The data is a decimal number; none, or a missing znode, counts as 0. No increment is ever lost.",
        examples: [.init("incr /counter", "add 1"), .init("incr /counter -- -5", "subtract 5")],
        exitStatuses: [.init(.failure, "the data is not a number"), .init(.noNode, "the parent does not exist")],
        writes: true)

    @Argument(help: "The znode.")
    var path: PathOperand

    @Argument(help: "What to add.")
    var n: Int64 = 1

    func run(in shell: ShellContext) async throws {
        let path = try shell.resolve(path)
        if shell.options.isDryRun {
            try await shell.checkCreationOrChange(of: path)
            if let present = try await shell.client().dataIfPresent(path) {
                _ = try Self.sum(of: present ?? [], and: n, path: path)
            }
            return try shell.wouldDo("add \(n) to \(path)", .creates(path))
        }
        var sum: Int64 = 0
        try await shell.client().change(path) { data, _ in
            sum = try Self.sum(of: data ?? [], and: n, path: path)
            return Array("\(sum)".utf8)
        }
        try shell.emit(NumberResult(path: path, number: sum))
    }

    private static func sum(of data: [UInt8], and n: Int64, path: ZnodePath) throws(ShellError) -> Int64 {
        let text = String(decoding: data, as: UTF8.self).trimmingBlanks()
        guard let number = text.isEmpty ? 0 : Int64(text) else {
            throw ShellError(.failure, "\(path): the data is not a number; set it to one first", path: path)
        }
        let (sum, overflows) = number.addingReportingOverflow(n)
        guard !overflows else { throw ShellError(.failure, "\(path): the sum is out of range", path: path) }
        return sum
    }
}

private struct NumberResult: ShellResult {
    var path: ZnodePath
    var number: Int64

    var json: JSONValue { .members(["path": JSONValue(path), "value": .int(number)]) }

    func writePlain(to output: Output) throws(ShellError) {
        try output.writeLine("\(number)")
    }
}

extension ZooKeeperClient {
    /// Reads, changes and writes the data of a znode, again and again until nobody has come in between. A missing znode
    /// is created.
    ///
    /// - Parameter change: gets the data, and nil for a missing znode or null data.
    /// - Returns: the new stat; nil when the znode was created.
    @discardableResult
    func change(
        _ path: ZnodePath, _ change: ([UInt8]?, Stat?) throws -> [UInt8]?
    ) async throws -> Stat? {
        while true {
            do {
                let (data, stat) = try await getData(path)
                return try await setData(path, data: try change(data, stat), version: stat.version)
            } catch let error as ZooKeeperError where error.code == .badVersion {
                continue
            } catch let error as ZooKeeperError where error.code == .noNode {
                do {
                    try await create(path, data: try change(nil, nil))
                    return nil
                } catch let error as ZooKeeperError where error.code == .nodeExists {
                    continue
                }
            }
        }
    }
}
