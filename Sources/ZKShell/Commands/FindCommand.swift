internal import ArgumentParser
internal import ZKCore
internal import ZKText

struct FindCommand: ShellCommand {
    static let declaration = CommandDeclaration(
        name: "find", group: .znodes, abstract: "Find znodes by name, metadata or data.",
        discussion: """
            All tests must hold. Numbers: +N more than, -N less than, N exactly; sizes with k or M. Times: -DUR changed
            within, +DUR unchanged for as long. A server does not tell containers and TTL znodes from persistent ones.
            """,
        examples: [
            .init("find /app --name '*.lock' --type e", "ephemeral locks"),
            .init("find / --size +100k", "data longer than 100 KiB"),
            .init("find /q --mtime +7d --exec 'delete {}'", "delete what has not changed for a week"),
        ],
        exitStatuses: [
            .init(.noNode, "the znode does not exist"),
            .init(.partialFailure, "some could not be read, or --exec failed"),
        ])

    @Option(help: ArgumentHelp("The name matches the glob.", valueName: "glob"))
    var name: String?

    @Option(help: ArgumentHelp("The whole path has a match of the extended regular expression.", valueName: "re"))
    var regex: String?

    @Option(
        help: ArgumentHelp(
            "p persistent, e ephemeral, s sequential (ten digits at the end).", valueName: "type"))
    var type: TypeTest?

    @Option(help: ArgumentHelp("The length of the data in bytes.", valueName: "n"))
    var size: NumberTest?

    @Option(help: ArgumentHelp("When the data was last changed.", valueName: "dur"))
    var mtime: AgeTest?

    @Option(help: ArgumentHelp("The number of children.", valueName: "n"))
    var children: NumberTest?

    @Option(help: ArgumentHelp("Ephemeral, owned by this session (hexadecimal).", valueName: "sid"))
    var owner: SessionIDOperand?

    @Option(help: ArgumentHelp("The data has a match of the extended regular expression.", valueName: "re"))
    var data: String?

    @Option(
        name: [.customShort("d"), .customLong("depth")], help: ArgumentHelp("Levels to go down.", valueName: "n"))
    var depth: Int?

    @Flag(name: .customLong("print0"), help: "End each path with a NUL instead of a newline.")
    var endsWithNUL = false

    @Option(help: ArgumentHelp("Run the command for each znode; {} is its path.", valueName: "cmd"))
    var exec: String?

    @Argument(help: "Where to look; the working znode if left out.")
    var path: PathOperand?

    func run(in shell: ShellContext) async throws {
        let root = try shell.resolve(path)
        let tests = try Tests(self)
        let payload: WalkPayload = data != nil ? .data : tests.needStat ? .stat : .names
        let walk = SubtreeWalk(root: root, payload: payload, depthMax: try TreeCommand.checkDepth(depth))
        var failures = FailureTally()
        var found: [ZnodePath] = []
        let total = try await walk.run(on: shell.reader()) { znodes in
            for znode in znodes {
                if let failure = znode.failure { failures.note(failure, in: shell) }
                guard tests.hold(for: znode) else { continue }
                // Commands run after the walk, which they would get in the way of.
                if exec != nil { found.append(znode.path) } else { try printPath(znode, in: shell) }
            }
        }
        if let exec {
            for path in found {
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
    }

    /// The tests in the form in which each znode is held against them.
    private struct Tests {
        let command: FindCommand
        let glob: GlobPattern?
        let regex: PosixRegex?
        let data: PosixRegex?
        let nowMillis = Timestamp.nowMillis()

        init(_ command: FindCommand) throws(UsageError) {
            self.command = command
            glob = command.name.map { GlobPattern($0) }
            regex = if let text = command.regex { try PosixRegex(text) } else { nil }
            data = if let text = command.data { try PosixRegex(text) } else { nil }
        }

        var needStat: Bool {
            command.size != nil || command.mtime != nil || command.owner != nil || command.type?.needsStat == true
        }

        func hold(for znode: WalkedZnode) -> Bool {
            if let glob, !glob.matches(znode.path.name) { return false }
            if let regex, !regex.matches(znode.path.string.utf8) { return false }
            if let test = command.children, !test.holds(znode.children.count) { return false }
            if command.type == .sequential, !Self.isSequential(znode.path.name) { return false }
            guard needStat || data != nil else { return true }
            guard let read = znode.znode else { return false }
            if let type = command.type, type != .sequential {
                guard (read.stat.ephemeralOwner != 0) == (type == .ephemeral) else { return false }
            }
            if let owner = command.owner, read.stat.ephemeralOwner != owner.id { return false }
            if let test = command.size, !test.holds(Int(read.stat.dataLength)) { return false }
            if let test = command.mtime, !test.holds(ageMillis: nowMillis - read.stat.mtimeMillis) { return false }
            if let data, !data.matches(read.data ?? []) { return false }
            return true
        }

        private static func isSequential(_ name: String) -> Bool {
            name.utf8.count >= 10 && name.utf8.suffix(10).allSatisfy(\.isDigit)
        }
    }
}

extension FindCommand.TypeTest {
    fileprivate var needsStat: Bool { self != .sequential }
}

private struct FoundResult: ShellResult {
    var path: ZnodePath
    var stat: Stat?

    var json: JSONValue { .members(["path": JSONValue(path), "stat": stat.map { JSONValue($0) }]) }

    func writePlain(to output: Output) throws(ShellError) {
        try output.writeLine(path.string)
    }
}
