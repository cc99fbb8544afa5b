internal import ShellLanguage
internal import ZKCore
internal import ZKText

struct TopChildrenCommand: ShellCommand {
    static let declaration = CommandDeclaration(
        name: "top-children", group: .znodes, abstract: "List the znodes with the most children.",
        examples: [
            .init("top-children", "the ten with the most, below the working znode"),
            .init("top-children --top 3 /", "the three with the most on the whole server"),
        ],
        exitStatuses: [.init(.noNode, "the znode does not exist"), .init(.partialFailure, "some could not be read")])

    @Option(help: ArgumentHelp("How many to list.", valueName: "n"))
    var top = 10

    @Argument(help: "Where to look; the working znode if left out.")
    var path: PathOperand?

    func run(in shell: ShellContext) async throws {
        let root = try shell.resolve(path)
        guard top > 0 else { throw UsageError("--top: a number above 0") }
        var best: [SizedZnode] = []
        var failures = FailureTally()
        let progress = WorkProgress("reading \(root)", isSilent: true, in: shell)
        defer { progress.finish() }
        let total = try await SubtreeWalk(root: root).run(on: shell.reader()) { znodes in
            for znode in znodes {
                if let failure = znode.failure { failures.note(failure, in: shell) }
                guard !znode.children.isEmpty else { continue }
                best.append(SizedZnode(path: znode.path, size: znode.children.count))
            }
            best = SizedZnode.largest(best, countMax: top)
            progress.advance(by: znodes.count)
        }
        progress.finish()
        for entry in best { try shell.emit(SizedResult(znode: entry, name: "children")) }
        try failures.finish(of: total)
    }
}

/// A znode with a number to sort by.
struct SizedZnode: Sendable {
    var path: ZnodePath
    var size: Int

    /// The largest, largest first; of equals the one that was found first.
    static func largest(_ znodes: [SizedZnode], countMax: Int) -> [SizedZnode] {
        let ranked = znodes.enumerated().sorted { ($1.element.size, $0.offset) < ($0.element.size, $1.offset) }
        return ranked.prefix(countMax).map(\.element)
    }
}

/// A line of number and path.
struct SizedResult: ShellResult {
    var znode: SizedZnode
    /// What the number counts, in JSON.
    var name: String

    var json: JSONValue {
        .object([
            .init(name: "path", value: JSONValue(znode.path)), .init(name: name, value: .int(Int64(znode.size))),
        ])
    }

    func writePlain(to output: Output) throws(ShellError) {
        try output.writeLine("\(znode.size)\t\(znode.path)")
    }
}
