internal import ShellLanguage
internal import ZKClient
internal import ZKCore
internal import ZKText

struct CreateCommand: ShellCommand {
    static let declaration = CommandDeclaration(
        name: "create", group: .znodes, abstract: "Create a znode.",
        discussion: """
            Without DATA the data is null. ACL is a list of scheme:id:perms, such as world:anyone:r,digest:u:hash:cdrwa.
            A sequential znode gets ten digits at the end of its name; create -s /a/ makes a name of digits alone.
            """,
        examples: [
            .init("create /app hello", "a persistent znode with data"),
            .init("create -s -e /locks/n- ''", "an ephemeral sequential one with zero bytes"),
            .init("create -p /a/b/c @settings.json", "the parents too, data from a file"),
        ],
        exitStatuses: [
            .init(.noNode, "the parent does not exist"), .init(.nodeExists, "the znode exists"),
            .init(.noAuth, "not allowed, or the ACL is not valid"),
        ],
        writes: true, isFromZKCLI: true)

    @Flag(name: .customShort("s"), help: "Sequential: the server appends ten digits to the name.")
    var isSequential = false

    @Flag(name: .customShort("e"), help: "Ephemeral: deleted when the session ends.")
    var isEphemeral = false

    @Flag(name: .customShort("c"), help: "A container: deleted some time after its last child.")
    var isContainer = false

    @Option(
        name: .customShort("t"),
        help: ArgumentHelp("Deleted when unchanged and childless for this many milliseconds.", valueName: "ttl"))
    var ttlMillis: Int64?

    @Flag(
        name: [.customShort("p"), .customLong("parents")],
        help: "Create missing parents, persistent and with null data.")
    var createsParents = false

    @Flag(name: .customLong("exist-ok"), help: "Succeed when the znode exists already.")
    var acceptsExisting = false

    @Flag(name: .customLong("print"), help: "Print only the path of the new znode.")
    var printsNameOnly = false

    @OptionGroup var dataOptions: DataOptions

    @Argument(help: "The znode to create.")
    var path: PathOperand

    @Argument(help: "Its data: text, @FILE, or @- for stdin.")
    var data: DataOperand?

    @Argument(help: "Who may do what, scheme:id:perms separated by commas; default world:anyone:cdrwa.")
    var acl: ACLOperand?

    func run(in shell: ShellContext) async throws {
        let path = try resolvedPath(in: shell)
        let mode = try createMode()
        let bytes = try await dataOptions.bytes(data, in: shell)
        if shell.options.isDryRun {
            try await shell.checkCreation(
                of: path, isSequential: isSequential, createsParents: createsParents, acceptsExisting: acceptsExisting)
            return try shell.wouldDo(
                "create \(path) (\(mode), \(bytes.map { "\($0.count) bytes" } ?? "null data"))",
                isSequential || createsParents ? .others : .creates(path))
        }
        if let acl { try await shell.checkACL(acl.entries, of: path) }
        if mode.isEphemeral { shell.session.connection.noteEphemeral() }
        if createsParents { try await shell.client().createParents(of: path) }
        do {
            let op = MultiOp.create(
                path, data: bytes, mode: mode, acl: acl?.entries ?? .openUnsafe,
                ttl: ttlMillis.map { .milliseconds($0) })
            guard case .create(let created, stat: _) = try await shell.perform(op) else { return }
            if mode.isEphemeral { shell.session.connection.noteEphemeral(created) }
            try shell.emit(CreatedResult(path: created, printsNameOnly: printsNameOnly))
        } catch let error as ZooKeeperError where error.code == .nodeExists && acceptsExisting {
            try shell.emit(DoneResult(path: path, details: [.init(name: "existed", value: true)]))
        }
    }

    func resolvedPath(in shell: ShellContext) throws(ShellError) -> ZnodePath {
        try shell.resolve(path, isSequential: isSequential)
    }

    func createMode() throws(UsageError) -> CreateMode {
        if isContainer && (isSequential || isEphemeral) {
            throw UsageError("a container (-c) cannot be sequential or ephemeral")
        }
        if ttlMillis != nil && (isEphemeral || isContainer) {
            throw UsageError("a TTL (-t) is only for persistent znodes, not with -e or -c")
        }
        if let ttlMillis, ttlMillis <= 0 { throw UsageError("-t: a TTL is a number of milliseconds above 0") }
        if isContainer { return .container }
        if ttlMillis != nil { return isSequential ? .persistentSequentialWithTTL : .persistentWithTTL }
        return switch (isEphemeral, isSequential) {
        case (false, false): .persistent
        case (false, true): .persistentSequential
        case (true, false): .ephemeral
        case (true, true): .ephemeralSequential
        }
    }
}
