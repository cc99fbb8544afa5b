internal import ShellLanguage
internal import ZKClient
internal import ZKCore
internal import ZKText

struct SetQuotaCommand: ShellCommand {
    static let declaration = CommandDeclaration(
        name: "setquota", group: .access, abstract: "Limit the number of znodes or bytes of a subtree.",
        discussion: """
            A soft limit is only logged by the servers; a hard one makes creates and sets fail where enforceQuota is on.
            Neither a parent nor a child of the znode may have a quota. The root cannot have one, and below a chroot there
            are none: connect without it.
            """,
        examples: [
            .init("setquota -n 1000 /app", "soft: a thousand znodes"),
            .init("setquota -N 2000 -B 10000000 /app", "hard limits"),
        ],
        exitStatuses: [.init(.noNode, "the znode does not exist")], writes: true, isFromZKCLI: true)

    @Option(name: .customShort("n"), help: ArgumentHelp("Soft limit of the number of znodes.", valueName: "count"))
    var count: Int64?

    @Option(name: .customShort("b"), help: ArgumentHelp("Soft limit of the bytes of data.", valueName: "bytes"))
    var bytes: Int64?

    @Option(name: .customShort("N"), help: ArgumentHelp("Hard limit of the number of znodes.", valueName: "count"))
    var hardCount: Int64?

    @Option(name: .customShort("B"), help: ArgumentHelp("Hard limit of the bytes of data.", valueName: "bytes"))
    var hardBytes: Int64?

    @Argument(help: "The root of the subtree.")
    var path: PathOperand

    func validate() throws {
        guard count != nil || bytes != nil || hardCount != nil || hardBytes != nil else {
            throw UsageError("one of -n, -b, -N and -B is needed")
        }
        for count in [count, hardCount] where count.map({ $0 <= 0 }) == true {
            throw UsageError("a number of znodes is 1 or more")
        }
        for bytes in [bytes, hardBytes] where bytes.map({ $0 < 0 }) == true {
            throw UsageError("a number of bytes is 0 or more")
        }
    }

    func run(in shell: ShellContext) async throws {
        let path = try shell.resolve(path)
        var change = QuotaLimits()
        change.count = count
        change.bytes = bytes
        change.hardCount = hardCount
        change.hardBytes = hardBytes
        let quota = try Quota(on: try await shell.client(), path: path)
        try quota.checkCanBeLimited()
        if shell.options.isDryRun {
            try await shell.checkChange(of: path, version: nil, createsMissing: false)
            return try shell.wouldDo("setquota \(path) \(change.text)")
        }
        let (limits, usage) = try await quota.set(change)
        for (name, used, allowed) in [
            ("count", usage.count, [limits.count, limits.hardCount]),
            ("bytes", usage.bytes, [limits.bytes, limits.hardBytes]),
        ] {
            guard let used, allowed.contains(where: { $0.map { $0 < used } == true }) else { continue }
            try shell.emit(
                TextResult(
                    "[Warning]: the \(name) quota you create is less than the existing \(name):\(used)",
                    json: .members([
                        "warning": .string("the \(name) quota is less than the existing \(name)"),
                        "existing": .int(used),
                    ])))
        }
    }
}
