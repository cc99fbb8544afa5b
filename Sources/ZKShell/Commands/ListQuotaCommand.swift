internal import ShellLanguage
internal import ZKClient
internal import ZKCore

struct ListQuotaCommand: ShellCommand {
    static let declaration = CommandDeclaration(
        name: "listquota", group: .access, abstract: "Print the quota of a subtree and what is used of it.",
        examples: [.init("listquota /app", "limits, then usage"), .init("listquota -R /", "every quota in the tree")],
        exitStatuses: [.init(.noNode, "there is no quota")], isFromZKCLI: true)

    @Flag(name: .customShort("R"), help: "The quotas of the whole subtree.")
    var isRecursive = false

    @Argument(help: "The root of the subtree.")
    var path: PathOperand

    func run(in shell: ShellContext) async throws {
        let path = try shell.resolve(path)
        let reader = try await shell.reader()
        try await list(path, on: reader, in: shell)
    }

    private func list(_ path: ZnodePath, on reader: some ZnodeReader, in shell: ShellContext) async throws {
        guard isRecursive else { return try await print(path, on: reader, in: shell) }
        var found = false
        for below in try await Quota(on: reader, path: path).pathsWithQuota() {
            found = true
            try await print(below, on: reader, in: shell)
        }
        if !found { throw ShellError(.noNode, "\(path): there is no quota in this subtree", path: path) }
    }

    private func print(_ path: ZnodePath, on reader: some ZnodeReader, in shell: ShellContext) async throws {
        let quota = try Quota(on: reader, path: path)
        if !shell.options.isQuiet && shell.options.output == .plain && !isRecursive {
            shell.note("absolute path is \(quota.limitsPath)")
        }
        guard let (limits, usage) = try await quota.read() else {
            throw ShellError(.noNode, "quota for \(path) does not exist.", code: .noNode, path: path)
        }
        try shell.emit(QuotaResult(path: path, limits: limits, usage: usage))
    }
}
