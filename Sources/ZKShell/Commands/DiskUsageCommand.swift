internal import ShellLanguage
internal import ZKCore
internal import ZKText

struct DiskUsageCommand: ShellCommand {
    static let declaration = CommandDeclaration(
        name: "du", group: .znodes, abstract: "Sum up the data and the znodes of subtrees.",
        discussion: """
            Each line is bytes of data, number of znodes and path, a subtree before what holds it, like du of the system.
            """,
        examples: [
            .init("du /app", "the children of /app, and /app as a whole"), .init("du -d 0 /", "only the sum"),
            .init("du -d 9 --top 5 /", "the five largest subtrees"),
        ],
        exitStatuses: [.init(.noNode, "the znode does not exist"), .init(.partialFailure, "some could not be read")])

    @Option(
        name: [.customShort("d"), .customLong("depth")],
        help: ArgumentHelp("Levels to list; all are summed.", valueName: "n"))
    var depth = 1

    @Option(help: ArgumentHelp("List only the largest, largest first.", valueName: "n"))
    var top: Int?

    @Argument(help: "The znode; the working znode if left out.")
    var path: PathOperand?

    func run(in shell: ShellContext) async throws {
        let root = try shell.resolve(path)
        guard depth >= 0 else { throw UsageError("-d: a depth is 0 or more") }
        if let top, top <= 0 { throw UsageError("--top: a number above 0") }
        var usage = UsageSums(depthMax: depth)
        var failures = FailureTally()
        let progress = WorkProgress("reading \(root)", in: shell)
        defer { progress.finish() }
        let total = try await SubtreeWalk(root: root, payload: .stat).run(on: shell.reader()) { znodes in
            for znode in znodes {
                if let failure = znode.failure { failures.note(failure, in: shell) }
                usage.add(znode)
            }
            progress.advance(by: znodes.count)
            if top == nil { for line in usage.takeFinished() { try shell.emit(line) } }
        }
        progress.finish()
        usage.end()
        var lines = usage.takeFinished()
        if let top {
            lines = lines.enumerated().sorted { ($1.element.bytes, $0.offset) < ($0.element.bytes, $1.offset) }
                .prefix(top).map(\.element)
        }
        for line in lines { try shell.emit(line) }
        try failures.finish(of: total)
    }
}

/// Sums subtrees while a walk goes through them.
private struct UsageSums {
    let depthMax: Int
    /// The znode at hand and those above it, as far as they are listed.
    private var open: [UsageResult] = []
    private var finished: [UsageResult] = []

    init(depthMax: Int) {
        self.depthMax = depthMax
    }

    mutating func add(_ znode: WalkedZnode) {
        while open.count > znode.depth { close() }
        if znode.depth <= depthMax { open.append(UsageResult(path: znode.path)) }
        open[open.count - 1].bytes += Int(znode.znode?.stat.dataLength ?? 0)
        open[open.count - 1].znodes += 1
    }

    private mutating func close() {
        let line = open.removeLast()
        if !open.isEmpty {
            open[open.count - 1].bytes += line.bytes
            open[open.count - 1].znodes += line.znodes
        }
        finished.append(line)
    }

    mutating func end() {
        while !open.isEmpty { close() }
    }

    mutating func takeFinished() -> [UsageResult] {
        defer { finished = [] }
        return finished
    }
}

private struct UsageResult: ShellResult {
    var path: ZnodePath
    var bytes = 0
    var znodes = 0

    var json: JSONValue {
        .members(["path": JSONValue(path), "bytes": .int(Int64(bytes)), "znodes": .int(Int64(znodes))])
    }

    func writePlain(to output: Output) throws(ShellError) {
        try output.writeLine("\(bytes)\t\(znodes)\t\(path)")
    }
}
