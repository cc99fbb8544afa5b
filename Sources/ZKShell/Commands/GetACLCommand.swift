internal import ArgumentParser
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

    @Argument(help: "The znodes; globs are expanded.")
    var path: [PathOperand]

    func run(in shell: ShellContext) async throws {
        let reader = try await shell.reader()
        try await shell.forEach(path) { path in
            guard isRecursive else { return try await print(path, on: reader, in: shell) }
            try await TreeWalk(root: path, on: reader).forEach { entry in
                if let failure = entry.failure { throw failure }
                try await print(entry.path, on: reader, in: shell)
            }
        }
    }

    private func print(_ path: ZnodePath, on reader: any ZnodeReader, in shell: ShellContext) async throws {
        let (acl, stat) = try await reader.getACL(path)
        try shell.emit(
            ACLResult(
                path: path, acl: acl, stat: showsStat ? stat : nil, isCompact: isCompact || isRecursive,
                showsPath: isRecursive))
    }
}
