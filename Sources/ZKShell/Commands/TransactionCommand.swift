internal import ShellLanguage
internal import ZKClient
internal import ZKCore
internal import ZKText

struct TransactionCommand: ShellCommand {
    static let declaration = CommandDeclaration(
        name: "txn", group: .transactions, abstract: "Make several changes: all of them, or none.",
        discussion: """
            The changes are lines of create, set, delete and check (PATH VERSION). At the prompt and in scripts the lines
            follow `txn` and end with `commit` or `abort`; commands that read work in between and see nothing of it yet.
            With -f, <, << or zoosh txn < FILE the lines come from there. A table tells what came of each.
            """,
        examples: [
            .init("txn", "then create /a x, set /b y, … and commit"),
            .init("txn -f changes.zk", "the lines of a file"),
            .init("txn <<END", "the lines up to END"),
        ],
        exitStatuses: [
            .init(.badVersion, "a version was another one; nothing was changed"),
            .init(.noNode, "a znode does not exist; nothing was changed"),
            .init(.nodeExists, "a znode exists; nothing was changed"),
        ],
        writes: true)

    @Option(
        name: .customShort("f"), help: ArgumentHelp("Take the lines from FILE; - is stdin.", valueName: "file"),
        completion: .file)
    var file: String?

    @Flag(name: .customShort("i"), help: "Take the commands that follow, although stdin is not a terminal.")
    var followsCommands = false

    func run(in shell: ShellContext) async throws {
        guard !(file != nil && followsCommands) else { throw UsageError("either -f or -i") }
        guard shell.session.transaction == nil else {
            throw UsageError("a transaction is open already; commit or abort it")
        }
        if file == nil, followsCommands || (!shell.hasOwnInput && !shell.session.isOneShot) {
            shell.session.transaction = OpenTransaction()
            return
        }
        let ops: [MultiOp]
        if let file, file != "-" {
            let reader = try LocalFile.Reader(file)
            ops = try await TransactionScript(name: file).ops(from: ScriptReader { try reader.read() }, in: shell)
        } else {
            let input = shell.input
            ops = try await TransactionScript(name: "stdin").ops(
                from: ScriptReader { try await input.read() }, in: shell)
        }
        try await shell.commit(ops)
    }
}

struct CommitCommand: ShellCommand {
    static let declaration = CommandDeclaration(
        name: "commit", group: .transactions, abstract: "Make the changes since txn, all or none.",
        examples: [
            .init("commit", "the transaction is over, whatever came of it"),
            .init("txn ; create /a x ; set /b y ; commit", "both or neither"),
        ],
        exitStatuses: [.init(.badVersion, "a version was another one; nothing was changed")])

    func run(in shell: ShellContext) async throws {
        guard let transaction = shell.session.transaction else {
            throw UsageError("there is no transaction; txn begins one")
        }
        shell.session.transaction = nil
        guard !transaction.hasMistake else {
            throw ShellError(.usage, "nothing was changed, since a line of the transaction has a mistake")
        }
        try await shell.commit(transaction.ops)
    }
}

struct AbortCommand: ShellCommand {
    static let declaration = CommandDeclaration(
        name: "abort", group: .transactions, abstract: "Forget the changes since txn.",
        examples: [.init("abort", "nothing was changed"), .init("txn ; delete /a ; abort", "/a is still there")])

    func run(in shell: ShellContext) async throws {
        guard let transaction = shell.session.transaction else {
            throw UsageError("there is no transaction; txn begins one")
        }
        shell.session.transaction = nil
        try shell.emit(DoneResult(details: [.init(name: "dropped", value: .int(Int64(transaction.ops.count)))]))
    }
}

struct CheckCommand: ShellCommand {
    static let declaration = CommandDeclaration(
        name: "check", group: .transactions, abstract: "Make a transaction fail unless a znode has a version.",
        examples: [
            .init("check /app 3", "between txn and commit, or in the file of txn -f"),
            .init("txn ; check /app 3 ; delete /lock ; commit", "delete only while /app has version 3"),
        ], writes: true)

    @Argument(help: "The znode.")
    var path: PathOperand

    @Argument(help: "The version that its data must have; -1 for any.")
    var version: Int32?

    @Flag(name: .customShort("1"), help: ArgumentHelp("", isHidden: true))
    var isAnyVersion = false

    func validate() throws {
        if (version == nil) != isAnyVersion { throw UsageError("one version is needed; -1 stands for any") }
    }

    func run(in shell: ShellContext) async throws {
        throw UsageError("check is only for a transaction, between txn and commit")
    }
}

extension ShellContext {
    /// Makes the changes and tells what came of each.
    ///
    /// - Throws: the error of the operation because of which nothing was done.
    func commit(_ ops: [MultiOp]) async throws {
        if options.isDryRun {
            for op in ops { try wouldDo(op.summary) }
            return
        }
        let client = try await client()
        let ownsEphemerals = ops.contains {
            if case .create(_, data: _, let mode, acl: _, ttl: _) = $0 { mode.isEphemeral } else { false }
        }
        if ownsEphemerals { session.connection.noteEphemeral() }
        let result = TransactionResult(ops: ops, results: try await client.multiResults(ops))
        for case (.create(_, data: _, let mode, acl: _, ttl: _), .success(.create(let path, stat: _)))
            in zip(ops, result.results) where mode.isEphemeral
        {
            session.connection.noteEphemeral(path)
        }
        try emit(result)
        if let failure = result.failure { throw ShellError(failure) }
        session.connection.noteDeleted(ops.filter { if case .delete = $0 { true } else { false } }.map(\.path))
    }
}
