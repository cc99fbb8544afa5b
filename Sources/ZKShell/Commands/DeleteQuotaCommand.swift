internal import ShellLanguage
internal import ZKClient
internal import ZKCore
internal import ZKText

struct DeleteQuotaCommand: ShellCommand {
    static let declaration = CommandDeclaration(
        name: "delquota", group: .access, abstract: "Remove the quota of a subtree, or one of its limits.",
        examples: [.init("delquota /app", "all of it"), .init("delquota -N /app", "only the hard limit of znodes")],
        writes: true, isFromZKCLI: true)

    @Flag(name: .customShort("n"), help: "The soft limit of the number of znodes.")
    var count = false

    @Flag(name: .customShort("b"), help: "The soft limit of the bytes of data.")
    var bytes = false

    @Flag(name: .customShort("N"), help: "The hard limit of the number of znodes.")
    var hardCount = false

    @Flag(name: .customShort("B"), help: "The hard limit of the bytes of data.")
    var hardBytes = false

    @Argument(help: "The root of the subtree.")
    var path: PathOperand

    func run(in shell: ShellContext) async throws {
        let path = try shell.resolve(path)
        let quota = try Quota(on: try await shell.client(), path: path)
        if shell.options.isDryRun { return try shell.wouldDo("delquota \(path)") }
        let isWhole = !count && !bytes && !hardCount && !hardBytes
        let existed =
            isWhole
            ? try await quota.delete()
            : try await quota.change { limits in
                if count { limits.count = nil }
                if bytes { limits.bytes = nil }
                if hardCount { limits.hardCount = nil }
                if hardBytes { limits.hardBytes = nil }
            }
        if existed {
            try shell.emit(DoneResult(path: path))
        } else {
            try shell.emit(
                TextResult(
                    "Quota does not exist for \(path)",
                    json: .members(["path": JSONValue(path), "ok": true, "existed": false])))
        }
    }
}
