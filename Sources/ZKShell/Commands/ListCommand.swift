internal import ShellLanguage
internal import ZKClient
internal import ZKCore
internal import ZKText

struct ListCommand: ShellCommand {
    static let declaration = CommandDeclaration(
        name: "ls", group: .znodes, abstract: "List the children of znodes.",
        discussion: """
            With -R, -d, -l, --sort by anything but name and -F the znodes are asked for what is needed, several in a
            request. Names are sorted as zkCli sorts them, by UTF-16 units.
            """,
        aliases: [.init("ls2", adding: ["-s"]), .init("ll", adding: ["-l"])],
        examples: [
            .init("ls /", "the children of the root"), .init("ls -s /app", "and its stat"),
            .init("ls -R /app", "the whole subtree, one absolute path a line"),
            .init("ls -l --sort mtime -r /app", "a table, the last changed first"),
        ],
        exitStatuses: [.init(.noNode, "a znode does not exist")], isFromZKCLI: true, trailingWord: .watch)

    @Flag(name: .customShort("s"), help: "Print the stat of the znode after the children.")
    var showsStat = false

    @Flag(name: .customShort("w"), help: "Arm a watch that reports the next change of the list.")
    var watches = false

    @Flag(name: .customShort("R"), help: "List the whole subtree, one absolute path a line.")
    var isRecursive = false

    @Flag(name: .customShort("1"), help: "One name a line.")
    var isOneColumn = false

    @Flag(name: .customLong("print0"), help: "One name a line, ended by a NUL instead of a newline.")
    var endsWithNUL = false

    @Flag(name: .customShort("l"), help: "A table with version, times, sizes and counts.")
    var isLong = false

    @Option(
        name: .customShort("d"),
        help: ArgumentHelp("The subtree down to this depth; 1 is the children.", valueName: "depth"))
    var depth: Int?

    @Option(help: ArgumentHelp("Sort by this; seq is the number at the end of sequential names.", valueName: "key"))
    var sort: ListSortKey?

    @Flag(name: .customShort("r"), help: "Reverse the order.")
    var isReversed = false

    @Flag(help: "Print only how many there are.")
    var count = false

    @Option(help: ArgumentHelp("List at most this many.", valueName: "n"))
    var limit: Int?

    @Flag(name: .customShort("F"), help: "Mark znodes that have children with /, ephemeral ones with @.")
    var marksKinds = false

    @Flag(name: .customLong("no-system"), help: "Leave /zookeeper out.")
    var omitsSystem = false

    @OptionGroup var labelOptions: LabelOptions

    @Argument(help: "The znodes; globs are expanded. The working znode if left out.")
    var path: [PathOperand] = []

    func validate() throws {
        if endsWithNUL && (isLong || marksKinds || showsStat) {
            throw UsageError("--print0 lists names or paths only: not with -l, -F and -s")
        }
        if let depth, depth < 1 { throw UsageError("-d: a depth is 1 or more") }
        if let limit, limit < 0 { throw UsageError("--limit: a number of znodes, 0 or more") }
        if (isRecursive || depth != nil) && (isLong || sort != nil || isReversed || marksKinds || watches) {
            throw UsageError("-R and -d list paths only: not with -l, -F, -r, -w and --sort")
        }
    }

    func run(in shell: ShellContext) async throws {
        let operands = path.isEmpty ? [try PathOperand(word: ".")] : path
        let paths = try await shell.expand(operands)
        guard !isRecursive, depth == nil else {
            return try await shell.forEach(paths) { try await listSubtree($0, in: shell) }
        }
        guard !endsWithNUL else { return try await shell.forEach(paths) { try await listChildren($0, in: shell) } }
        try await labelOptions.forEach(paths, in: shell) { try await listChildren($0, in: shell) }
    }

    // MARK: Children

    private func listChildren(_ path: ZnodePath, in shell: ShellContext) async throws {
        let (read, stat) = try await children(of: path, in: shell)
        var names = omitsSystem && path.isRoot ? read.filter { $0 != "zookeeper" } : read
        if count { return try shell.emit(CountResult(path: path, count: names.count)) }
        let needsStats = isLong || marksKinds || sort?.needsStats == true
        guard needsStats else {
            names = sort == .seq ? names.sorted(by: ListSortKey.sequence) : names.sortedAsJava()
            if isReversed { names.reverse() }
            if let limit { names = Array(names.prefix(limit)) }
            if endsWithNUL {
                for name in names { try shell.output.write(Array(name.utf8) + [0]) }
                return
            }
            return try shell.emit(
                ChildrenResult(path: path, children: names, stat: showsStat ? stat : nil, isOneColumn: isOneColumn))
        }
        var rows = try await details(of: names.sortedAsJava(), below: path, in: shell)
        if let sort { rows = sort.sorted(rows) }
        if isReversed { rows.reverse() }
        if let limit { rows = Array(rows.prefix(limit)) }
        try shell.emit(
            DetailedListResult(
                path: path, rows: rows, stat: showsStat ? stat : nil, isLong: isLong, marksKinds: marksKinds,
                isOneColumn: isOneColumn))
    }

    private func children(
        of path: ZnodePath, in shell: ShellContext
    ) async throws -> (children: [String], stat: Stat) {
        guard watches else { return try await shell.reader().getChildrenWithStat(path) }
        let (children, stat, watch) = try await shell.client().getChildrenAndWatch(
            path, onEvent: shell.session.watchNotices.onEvent)
        shell.session.watchNotices.follow(watch)
        return (children, stat)
    }

    /// The stats of the children; those that vanish meanwhile are left out.
    private func details(
        of names: [String], below path: ZnodePath, in shell: ShellContext
    ) async throws -> [DetailedListResult.Row] {
        var rows: [DetailedListResult.Row] = []
        let reader = try await shell.reader()
        try await reader.forEachStat(of: names.lazy.map { path.appending($0) }) { index, stat in
            guard let stat else { return }
            let kind = reader.kind(of: path.appending(names[index]), stat: stat)
            rows.append(DetailedListResult.Row(name: names[index], stat: stat, kind: kind))
        }
        return rows
    }

    // MARK: Subtree

    /// In zkCli's order: the root, then for each znode of the walk all its children.
    private func listSubtree(_ path: ZnodePath, in shell: ShellContext) async throws {
        var walk = SubtreeWalk(root: path, depthMax: depth)
        if omitsSystem { walk.leaveOutSystemZnodes() }
        var left = limit ?? .max
        var failures = FailureTally()
        var listed = 0
        let progress = WorkProgress("listing \(path)", in: shell)
        defer { progress.finish() }
        do {
            try await walk.run(on: shell.reader()) { znodes in
                var lines = Lines(
                    left: left, isJSON: shell.options.output == .json, terminator: endsWithNUL ? 0 : .newline)
                for znode in znodes {
                    if let failure = znode.failure { failures.note(failure, in: shell) }
                    if znode.depth == 0 { lines.add(path) }
                    lines.add(childrenOf: znode)
                }
                listed += lines.count
                left -= lines.count
                progress.advance(by: znodes.count)
                if !count { try shell.output.write(lines.bytes) }
                if left == 0 { throw LimitReached() }
            }
        } catch is LimitReached {
            // Enough was listed.
        }
        if count { try shell.emit(CountResult(path: path, count: listed)) }
        if failures.count > 0 {
            throw ShellError(
                .partialFailure, "\(path): the children of \(failures.count) of \(listed) nodes could not be listed")
        }
    }

    /// What is printed at once: a call for each line would cost more than the walk.
    private struct Lines {
        let left: Int
        let isJSON: Bool
        let terminator: UInt8
        private(set) var bytes: [UInt8] = []
        private(set) var count = 0

        init(left: Int, isJSON: Bool, terminator: UInt8) {
            self.left = left
            self.isJSON = isJSON
            self.terminator = terminator
        }

        mutating func add(_ path: ZnodePath) {
            guard count < left else { return }
            count += 1
            if isJSON {
                bytes.append(contentsOf: PathResult(path: path).json.serialized)
            } else {
                bytes.append(contentsOf: path.string.utf8)
            }
            bytes.append(terminator)
        }

        mutating func add(childrenOf znode: WalkedZnode) {
            guard !isJSON else {
                for name in znode.children { add(znode.path.appending(name)) }
                return
            }
            for name in znode.children.prefix(left - count) {
                if !znode.path.isRoot { bytes.append(contentsOf: znode.path.string.utf8) }
                bytes.append(UInt8(ascii: "/"))
                bytes.append(contentsOf: name.utf8)
                bytes.append(terminator)
                count += 1
            }
        }
    }

    private struct LimitReached: Error {}
}
