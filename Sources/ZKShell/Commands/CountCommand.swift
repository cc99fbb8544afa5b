internal import ShellLanguage
internal import ZKClient
internal import ZKCore
internal import ZKReplica
internal import ZKText

struct CountCommand: ShellCommand {
    static let declaration = CommandDeclaration(
        name: "count", group: .znodes, abstract: "Print how many znodes lie below a znode.",
        discussion: "The server counts; where it cannot (before 3.6), the subtree is walked.",
        examples: [.init("count /app", "all descendants of /app"), .init("count", "those of the working znode")],
        exitStatuses: [.init(.noNode, "the znode does not exist")])

    @Argument(help: "The znode; the working znode if left out.")
    var path: PathOperand?

    func run(in shell: ShellContext) async throws {
        let path = try shell.resolve(path)
        try shell.emit(ZnodeCountResult(path: path, count: try await count(path, in: shell)))
    }

    private func count(_ path: ZnodePath, in shell: ShellContext) async throws -> Int {
        let reader = try await shell.reader()
        // The server answers 0 for a znode that does not exist.
        guard try await reader.exists(path) != nil else {
            throw ShellError(.noNode, "\(path): node does not exist", code: .noNode, path: path)
        }
        if let replica = try shell.offlineReplica() { return replica.znode(path)?.descendantCount ?? 0 }
        if let client = reader as? ZooKeeperClient {
            do {
                return try await client.getAllChildrenNumber(path)
            } catch let error as ZooKeeperError where error.code == .unimplemented {
                // An old server: count here.
            }
        }
        return try await SubtreeWalk(root: path).run(on: reader) { _ in } - 1
    }
}

/// A number of znodes.
private struct ZnodeCountResult: ShellResult {
    var path: ZnodePath
    var count: Int

    var json: JSONValue { .members(["path": JSONValue(path), "count": .int(Int64(count))]) }

    func writePlain(to output: Output) throws(ShellError) {
        try output.writeLine("\(count)")
    }
}
