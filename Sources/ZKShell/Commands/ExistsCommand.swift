internal import ShellLanguage
internal import ZKClient
internal import ZKCore
internal import ZKText

struct ExistsCommand: ShellCommand {
    static let declaration = CommandDeclaration(
        name: "exists", group: .znodes, abstract: "Tell whether znodes exist.",
        examples: [
            .init("exists /app", "prints true or false"), .init("exists -q /app || create /app", "only the status"),
        ],
        exitStatuses: [.init(.failure, "a znode does not exist")])

    @Flag(name: .customShort("w"), help: "Arm a watch that reports the next change.")
    var watches = false

    @Flag(name: .customShort("q"), help: "Print nothing.")
    var isQuiet = false

    @Argument(help: "The znodes; globs are expanded.")
    var path: [PathOperand]

    func run(in shell: ShellContext) async throws {
        var isMissing = false
        let operands = path
        let paths = try await shell.expandExisting(operands)
        for (operand, path) in paths {
            guard let path else {
                isMissing = true
                if !isQuiet { try shell.emit(ExistsResult(name: operand, path: nil, stat: nil)) }
                continue
            }
            let stat = try await stat(of: path, in: shell)
            if stat == nil { isMissing = true }
            if !isQuiet { try shell.emit(ExistsResult(name: operand, path: path, stat: stat)) }
        }
        if isMissing { throw ShellError.silent(.failure) }
    }

    private func stat(of path: ZnodePath, in shell: ShellContext) async throws -> Stat? {
        guard watches else { return try await shell.reader().exists(path) }
        let (stat, watch) = try await shell.client().existsAndWatch(
            path, onEvent: shell.session.watchNotices.onEvent)
        shell.session.watchNotices.follow(watch)
        return stat
    }
}

extension ShellContext {
    /// The paths of `operands` with what was written; nil for a glob that matches nothing.
    fileprivate func expandExisting(
        _ operands: [PathOperand]
    ) async throws -> [(operand: String, path: ZnodePath?)] {
        var result: [(operand: String, path: ZnodePath?)] = []
        for operand in operands {
            do {
                result += try await expand([operand]).map { ($0.string, $0) }
            } catch let error as ShellError where error.status == .noNode && error.code == nil {
                result.append((operand.word.text, nil))
            }
        }
        return result
    }
}

private struct ExistsResult: ShellResult {
    let name: String
    let path: ZnodePath?
    let stat: Stat?

    var json: JSONValue {
        .members(["path": .string(name), "exists": .bool(stat != nil), "stat": stat.map(JSONValue.init)])
    }

    func writePlain(to output: Output) throws(ShellError) {
        try output.writeLine(stat == nil ? "false" : "true")
    }
}
