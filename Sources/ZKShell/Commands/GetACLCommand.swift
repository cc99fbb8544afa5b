internal import ShellLanguage
internal import ZKClient
internal import ZKCore

struct GetACLCommand: ShellCommand {
    static let declaration = CommandDeclaration(
        name: "getAcl", group: .access, abstract: "Print the access control lists of znodes.",
        aliases: [.init("getacl")],
        examples: [
            .init("getAcl /app", "two lines for an entry, as zkCli prints it"),
            .init("getAcl -c /app", "one line that setAcl takes"),
        ],
        exitStatuses: [.init(.noNode, "a znode does not exist")], isFromZKCLI: true)

    @Flag(name: .customShort("s"), help: "Print the stat after the ACL.")
    var showsStat = false

    @Flag(name: .customShort("c"), help: "On one line, in the form that setAcl takes.")
    var isCompact = false

    @Flag(name: .customShort("R"), help: "For the whole subtree; one line a znode.")
    var isRecursive = false

    @OptionGroup var labelOptions: LabelOptions

    @Argument(help: "The znodes; globs are expanded.")
    var path: [PathOperand]

    func run(in shell: ShellContext) async throws {
        let reader = try await shell.reader()
        let paths = try await shell.expand(path)
        guard isRecursive else {
            return try await labelOptions.forEach(paths, in: shell) { path in
                let (acl, stat) = try await reader.getACL(path)
                try print(path, acl, stat, in: shell)
            }
        }
        try await shell.forEach(paths) { path in
            var failures = FailureTally()
            let progress = WorkProgress("reading \(path)", in: shell)
            defer { progress.finish() }
            let total = try await SubtreeWalk(root: path).run(on: reader) { znodes in
                let paths = znodes.map(\.path)
                for (path, answer) in zip(paths, try await reader.acls(of: paths)) {
                    switch answer {
                    case .success(let (acl, stat)): try print(path, acl, stat, in: shell)
                    case .failure(let error) where error.code == .noNode: continue
                    case .failure(let error): failures.note(error, in: shell)
                    }
                }
                progress.advance(by: znodes.count)
            }
            try failures.finish(of: total)
        }
    }

    private func print(_ path: ZnodePath, _ acl: [ACL], _ stat: Stat, in shell: ShellContext) throws(ShellError) {
        try shell.emit(
            ACLResult(
                path: path, acl: acl, stat: showsStat ? stat : nil, isCompact: isCompact || isRecursive,
                showsPath: isRecursive))
    }
}
