internal import ShellLanguage
internal import ZKCore
internal import ZKReplica
internal import ZKStore
internal import ZKText

struct LogCommand: ShellCommand {
    static let declaration = CommandDeclaration(
        name: "log", group: .offline, abstract: "Show who changed znodes, when, and what was there before.",
        discussion: """
            The newest change comes first. The logs of a server are read, which --offline names; the view's moment is the
            end. A part of a multi tells its place. What went with its session, and what the server reaped since a
            container was empty or a TTL over, says so.
            """,
        examples: [
            .init("log -p /app/config", "each change of a znode, and the lines that it changed"),
            .init("log -r -n 20 /app", "the last twenty changes in a subtree"),
            .init("log --since -15m --type delete", "what was deleted in the last quarter of an hour"),
        ],
        exitStatuses: [
            .init(.usage, "the shell has no files, only a server"),
            .init(.corruptFile, "the files are damaged, or do not reach back so far"),
        ])

    @Flag(name: .customShort("r"), help: "And what is below the znode.")
    var isRecursive = false

    @Option(name: .customShort("n"), help: ArgumentHelp("Only the last so many.", valueName: "n"))
    var limit: Int?

    @Option(help: ArgumentHelp("From this moment on.", valueName: "moment"))
    var since: MomentOperand?

    @Option(help: ArgumentHelp("Up to this moment.", valueName: "moment"))
    var until: MomentOperand?

    @Option(help: ArgumentHelp("Only what this session did (hexadecimal).", valueName: "sid"))
    var session: SessionIDOperand?

    @Option(
        help: ArgumentHelp(
            "Only these, separated by commas: create, set, delete, acl, session, error. Default: all but the last two "
                + "with a PATH, all but error without.", valueName: "types"))
    var type: ChangeTypes?

    @Flag(name: [.customShort("p"), .customLong("patch")], help: "And the lines of the data or ACL that changed.")
    var showsPatch = false

    @Flag(help: "The oldest first.")
    var reverse = false

    @Argument(help: "The znode; everything if left out.")
    var path: PathOperand?

    func validate() throws {
        if let limit, limit < 1 { throw UsageError("-n: a number above 0") }
    }

    func run(in shell: ShellContext) async throws {
        guard let offline = shell.session.offline else {
            throw ShellError.usage(
                "a server does not tell what was: read its files, zoosh --offline DATADIR log …")
        }
        try show(try ReplicaFiles(path: offline.path), offline, in: shell)
    }

    private func show(_ files: ReplicaFiles, _ offline: OfflineView, in shell: ShellContext) throws {
        let types = type?.types ?? (path == nil ? ChangeTypes.withoutPath : ChangeTypes.withPath)
        var scope = ChangeScope(
            path: try path.map { try shell.resolve($0) } ?? .root, isRecursive: isRecursive || path == nil)
        scope.keepsContent = showsPatch
        scope.includesSessions = types.contains(.session)
        scope.includesErrors = types.contains(.error)
        let last = try files.zxid(of: until?.moment ?? offline.moment)
        let after = try since.map { try files.zxid(before: $0.moment) }
        let walk = try ChangeWalk(files, scope: scope, after: after, skipsDamage: offline.skipsDamage)
        var kept: [ZnodeChange] = []
        var failure: StoreError?
        do {
            while let change = try walk.next() {
                if let last, change.header.zxid > last { break }
                guard types.contains(ChangeTypes.Kind(change)),
                    session.map({ $0.id == change.header.clientID }) ?? true
                else { continue }
                if reverse, limit == nil {
                    try shell.emitChange(change, showsPath: scope.isRecursive, showsPatch: showsPatch)
                    continue
                }
                kept.append(change)
                if let limit, kept.count >= 2 * limit + 1024 { kept.removeFirst(kept.count - limit) }
                if Task.isCancelled { throw CancellationError() }
            }
        } catch let error as StoreError {
            failure = error
        }
        if let limit { kept = kept.suffix(limit) }
        for change in reverse ? kept : kept.reversed() {
            try shell.emitChange(change, showsPath: scope.isRecursive, showsPatch: showsPatch)
        }
        if shell.options.output == .plain, after == nil, limit.map({ kept.count < $0 }) ?? true {
            let begin = walk.snapshot.map(\.name) ?? walk.firstZxid?.description ?? "an empty log"
            try shell.output.write("(begins at \(begin): what was before is not in these files)", style: .dim)
            try shell.output.writeLine()
        }
        for hole in walk.holes { shell.warn("txns after \(hole.after) are missing: \(hole.reason)") }
        // What could be read is shown; then it says where that ended.
        if let failure { throw failure }
    }
}

extension ShellContext {
    func emitChange(_ change: ZnodeChange, showsPath: Bool, showsPatch: Bool) throws(ShellError) {
        try emit(ChangeResult(change: change, showsPath: showsPath, showsPatch: showsPatch))
    }
}

/// What kinds of changes are wanted, separated by commas.
struct ChangeTypes: ShellValue {
    enum Kind: String, CaseIterable {
        case create
        case set
        case delete
        case acl
        case session
        case error

        init(_ change: ZnodeChange) {
            self =
                switch change.action {
                case .create: .create
                case .set: .set
                case .delete: .delete
                case .setACL: .acl
                case .openSession, .closeSession: .session
                case .check, .error: .error
                }
        }
    }

    static let withPath: Set<Kind> = [.create, .set, .delete, .acl]
    static let withoutPath: Set<Kind> = [.create, .set, .delete, .acl, .session]

    var types: Set<Kind> = []

    init?(argument: String) {
        for name in argument.split(separator: ",", omittingEmptySubsequences: false) {
            guard let kind = Kind(rawValue: String(name)) else { return nil }
            types.insert(kind)
        }
    }

    init(word: Word) throws(UsageError) {
        guard let value = Self(argument: word.text) else {
            let all = Kind.allCases.map(\.rawValue).joined(separator: ", ")
            throw UsageError("\(word.text) is none of \(all), or several of them separated by commas")
        }
        self = value
    }
}
