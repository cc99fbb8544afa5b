internal import ShellLanguage
internal import ZKCore
internal import ZKText

struct FindCommand: ShellCommand {
    static let declaration = CommandDeclaration(
        name: "find", group: .znodes, abstract: "Find znodes by name, metadata or data.",
        discussion: """
            All tests must hold; each may be given several times. Numbers: +N more than, -N less than, N exactly; sizes
            with k or M. Times: -DUR changed within, +DUR unchanged for as long, such as 30m, 7d or 2w. A server does not
            tell containers and TTL znodes from persistent ones.

            With --exec the znodes are found first; then the command runs for each, children before their parents, so that
            it may delete them. {} is the path, as one word or a part of one, whatever is in it. For the system's shell
            (behind ! and |) it is also in the environment: {} stands there for "$ZOOSH_PATH", and is refused inside
            quotes, where a name could be run as a command; write ! echo "found $ZOOSH_PATH".
            """,
        examples: [
            .init("find /app --name '*.lock' --type e", "ephemeral locks"),
            .init("find / --size +100k --size -1M", "data of a size between"),
            .init("find /q --min-depth 1 --mtime +7d --exec 'delete {}'", "delete what has not changed for a week"),
        ],
        exitStatuses: [
            .init(.noNode, "the znode does not exist"),
            .init(.partialFailure, "some could not be read, or --exec failed"),
        ])

    @Option(help: ArgumentHelp("The name matches the glob; \\* is a star.", valueName: "glob"))
    var name: [String] = []

    @Option(help: ArgumentHelp("The whole path has a match of the extended regular expression.", valueName: "re"))
    var regex: [WordOperand] = []

    @Option(
        help: ArgumentHelp(
            "p persistent, e ephemeral, s sequential (ten digits at the end); offline also c container, t TTL.",
            valueName: "type"))
    var type: [TypeTest] = []

    @Option(help: ArgumentHelp("The length of the data in bytes.", valueName: "n"))
    var size: [NumberTest] = []

    @Option(help: ArgumentHelp("When the data was last changed.", valueName: "dur"))
    var mtime: [AgeTest] = []

    @Option(help: ArgumentHelp("The number of children.", valueName: "n"))
    var children: [NumberTest] = []

    @Option(help: ArgumentHelp("Ephemeral, owned by this session (hexadecimal).", valueName: "sid"))
    var owner: [SessionIDOperand] = []

    @Option(help: ArgumentHelp("The data has a match of the extended regular expression.", valueName: "re"))
    var data: [WordOperand] = []

    @Option(
        name: [.customShort("d"), .customLong("depth")], help: ArgumentHelp("Levels to go down.", valueName: "n"))
    var depth: Int?

    @Option(help: ArgumentHelp("Levels from where to start; 1 leaves out PATH itself.", valueName: "n"))
    var minDepth: Int = 0

    @Flag(name: .customLong("print0"), help: "End each path with a NUL instead of a newline.")
    var endsWithNUL = false

    @Option(help: ArgumentHelp("Run the command for each znode, children first; {} is its path.", valueName: "cmd"))
    var exec: String?

    @Argument(help: "Where to look; the working znode if left out.")
    var path: PathOperand?

    func run(in shell: ShellContext) async throws {
        let root = try shell.resolve(path)
        let tests = try Tests(self)
        guard minDepth >= 0 else { throw UsageError("--min-depth: at least 0") }
        let payload: WalkPayload = !data.isEmpty ? .data : tests.needStat ? .stat : .names
        let walk = SubtreeWalk(root: root, payload: payload, depthMax: try TreeCommand.checkDepth(depth))
        if let exec { try ExecLine.check(exec) }
        var failures = FailureTally()
        var found: [ZnodePath] = []
        if let test = type.first(where: \.isToldByFilesAlone), shell.session.offline == nil {
            throw UsageError("--type \(test.rawValue): no server tells; --offline does")
        }
        let reader = try await shell.reader()
        let total = try await walk.run(on: reader) { znodes in
            for znode in znodes {
                if let failure = znode.failure { failures.note(failure, in: shell) }
                guard znode.depth >= minDepth,
                    try failures.matches(at: znode.path, in: shell, try tests.hold(for: znode, on: reader))
                else { continue }
                // Commands run after the walk, which they would get in the way of.
                if exec != nil { found.append(znode.path) } else { try printPath(znode, in: shell) }
            }
        }
        if let exec {
            if shell.writes(line: exec), !shell.options.isDryRun {
                try await MassChange("run `\(exec)` for \(found.count) nodes", count: found.count).confirm(in: shell)
            }
            // Deeper ones first.
            for path in found.sorted(by: { $0.components.count > $1.components.count }) {
                try Task.checkCancellation()
                let status = try await shell.runLine(exec, replacingBraces: path)
                if status != .success { failures.note(ShellError.silent(status), in: shell) }
            }
        }
        try failures.finish(of: total)
    }

    private func printPath(_ znode: WalkedZnode, in shell: ShellContext) throws(ShellError) {
        if shell.options.output == .json {
            try shell.emit(FoundResult(path: znode.path, stat: znode.znode?.stat))
        } else {
            try shell.output.write(Array(znode.path.string.utf8) + [endsWithNUL ? 0 : .newline])
        }
    }
}

extension FindCommand {
    enum TypeTest: String, ShellValue, CaseIterable {
        case persistent = "p"
        case ephemeral = "e"
        case sequential = "s"
        case container = "c"
        case ttl = "t"
    }

    /// The tests in the form in which each znode is held against them.
    private struct Tests {
        let command: FindCommand
        let globs: [GlobPattern]
        let regexes: [PosixRegex]
        let data: [PosixRegex]
        let nowMillis = Timestamp.nowMillis()

        init(_ command: FindCommand) throws(UsageError) {
            self.command = command
            globs = command.name.map { GlobPattern($0) }
            regexes = try Self.compiled(command.regex)
            data = try Self.compiled(command.data)
        }

        private static func compiled(_ patterns: [WordOperand]) throws(UsageError) -> [PosixRegex] {
            var regexes: [PosixRegex] = []
            for pattern in patterns { regexes.append(try PosixRegex(pattern.word.bytes)) }
            return regexes
        }

        var needStat: Bool {
            !command.size.isEmpty || !command.mtime.isEmpty || !command.owner.isEmpty
                || command.type.contains { $0.needsStat }
                // A walk over names does not list the children of the last level.
                || !command.children.isEmpty && command.depth != nil
        }

        func hold(for znode: WalkedZnode, on reader: any ZnodeReader) throws(ShellError) -> Bool {
            guard globs.allSatisfy({ $0.matches(znode.path.name) }) else { return false }
            for regex in regexes where !(try regex.matches(znode.path.string.utf8)) { return false }
            guard command.children.allSatisfy({ $0.holds(znode.children.count) }) else { return false }
            if command.type.contains(.sequential), !Self.isSequential(znode.path.name) { return false }
            guard needStat || !data.isEmpty else { return true }
            guard let read = znode.znode else { return false }
            for type in command.type where type != .sequential {
                guard type.kind == reader.kind(of: znode.path, stat: read.stat) else { return false }
            }
            let age = nowMillis - read.stat.mtimeMillis
            guard command.owner.allSatisfy({ $0.id == read.stat.ephemeralOwner }),
                command.size.allSatisfy({ $0.holds(Int(read.stat.dataLength)) }),
                command.mtime.allSatisfy({ $0.holds(ageMillis: age) })
            else { return false }
            for regex in data where !(try regex.matches(read.data ?? [])) { return false }
            return true
        }

        private static func isSequential(_ name: String) -> Bool {
            name.utf8.count >= 10 && name.utf8.suffix(10).allSatisfy(\.isDigit)
        }
    }
}

extension FindCommand.TypeTest {
    fileprivate var needsStat: Bool { self != .sequential }

    fileprivate var isToldByFilesAlone: Bool { self == .container || self == .ttl }

    /// Nil for what the name tells.
    fileprivate var kind: ZnodeKind? {
        switch self {
        case .persistent: .persistent
        case .ephemeral: .ephemeral
        case .sequential: nil
        case .container: .container
        case .ttl: .ttl
        }
    }
}

private struct FoundResult: ShellResult {
    var path: ZnodePath
    var stat: Stat?

    var json: JSONValue { .members(["path": JSONValue(path), "stat": stat.map { JSONValue($0) }]) }

    func writePlain(to output: Output) throws(ShellError) {
        try output.writeLine(path.string)
    }
}
