internal import ShellLanguage
internal import ZKClient
internal import ZKCore
internal import ZKText

struct TreeCommand: ShellCommand {
    static let declaration = CommandDeclaration(
        name: "tree", group: .znodes, abstract: "Draw a subtree.",
        examples: [
            .init("tree /app", "all of it"), .init("tree -d 2 --size /", "two levels, with the length of the data"),
        ],
        exitStatuses: [.init(.noNode, "the znode does not exist"), .init(.partialFailure, "some could not be read")])

    @Option(
        name: [.customShort("d"), .customLong("depth")],
        help: ArgumentHelp("Levels to go down.", valueName: "n"))
    var depth: Int?

    @Flag(name: .customLong("size"), help: "Show the length of the data.")
    var showsSize = false

    @Flag(name: .customLong("data"), help: "Show the beginning of the data.")
    var showsData = false

    @Flag(name: .customLong("ascii"), help: "Draw with ASCII characters.")
    var isASCII = false

    @Argument(help: "The znode; the working znode if left out.")
    var path: PathOperand?

    private static let previewMax = 60

    func run(in shell: ShellContext) async throws {
        let root = try shell.resolve(path)
        let walk = SubtreeWalk(
            root: root, payload: showsData ? .data : showsSize ? .stat : .names,
            depthMax: try Self.checkDepth(depth))
        var failures = FailureTally()
        /// For each level above the znode at hand whether it was the last of its siblings.
        var lastLevels: [Bool] = []
        let total = try await walk.run(on: shell.reader()) { znodes in
            for znode in znodes {
                if let failure = znode.failure { failures.note(failure, in: shell) }
                if shell.options.output == .json {
                    try shell.emit(TreeRecord(znode: znode, showsData: showsData))
                    continue
                }
                lastLevels.removeSubrange(min(znode.depth, lastLevels.count)...)
                try shell.output.writeLine(
                    prefix(lastLevels, znode: znode) + (znode.depth == 0 ? root.string : znode.path.name)
                        + details(znode))
                lastLevels.append(znode.isLastSibling)
            }
        }
        try failures.finish(of: total)
    }

    private func prefix(_ lastLevels: [Bool], znode: WalkedZnode) -> String {
        guard znode.depth > 0 else { return "" }
        let (bar, gap) = isASCII ? ("|   ", "    ") : ("│   ", "    ")
        let branch =
            switch (isASCII, znode.isLastSibling) {
            case (true, true): "`-- "
            case (true, false): "|-- "
            case (false, true): "└── "
            case (false, false): "├── "
            }
        return lastLevels.dropFirst().map { $0 ? gap : bar }.joined() + branch
    }

    private func details(_ znode: WalkedZnode) -> String {
        var text = ""
        if let read = znode.znode {
            if showsSize { text += " (\(read.stat.dataLength) bytes)" }
            if showsData, read.data?.isEmpty != true { text += ": " + Self.preview(read.data) }
        }
        if let failure = znode.failure { text += " [\(failure.code)]" }
        return text
    }

    private static func preview(_ data: [UInt8]?) -> String {
        guard let data else { return "null" }
        let shown = String(decoding: data.prefix(previewMax), as: UTF8.self)
        return TerminalText.escaped(shown) + (data.count > previewMax ? "…" : "")
    }

    static func checkDepth(_ depth: Int?) throws(UsageError) -> Int? {
        if let depth, depth < 0 { throw UsageError("-d: a depth is 0 or more") }
        return depth
    }
}

/// A znode of `tree` in JSON.
private struct TreeRecord: ShellResult {
    let znode: WalkedZnode
    let showsData: Bool

    var json: JSONValue {
        var members: [JSONValue.Member] = [
            .init(name: "path", value: JSONValue(znode.path)), .init(name: "depth", value: .int(Int64(znode.depth))),
            .init(name: "children", value: .array(znode.children.map { .string($0) })),
        ]
        if let read = znode.znode {
            members.append(.init(name: "stat", value: JSONValue(read.stat)))
            if showsData { members += JSONValue.dataMembers(read.data) }
        }
        return .object(members)
    }

    func writePlain(to output: Output) throws(ShellError) {
        try output.writeLine(znode.path.string)
    }
}
