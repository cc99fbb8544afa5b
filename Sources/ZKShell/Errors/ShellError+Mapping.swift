internal import ShellLanguage
public import ZKClient
public import ZKCore
internal import ZKRecipes
internal import ZKStore
internal import ZKText

extension ShellError {
    /// What any error thrown by a command means to the shell's user.
    public init(_ error: any Error) {
        switch error {
        case let error as ShellError: self = error
        case let error as UsageError: self.init(.usage, error.message)
        case let error as ZooKeeperError: self.init(error)
        case let error as RecipeError: self.init(error)
        case let error as StoreError: self.init(error)
        case let error as ZnodePathError: self.init(.usage, "\(error)")
        case let error as ConnectStringError: self.init(.usage, "\(error)")
        case let error as SyntaxError: self.init(.usage, error.message)
        case let error as JSONError: self.init(.usage, "not JSON: \(error)")
        case is CancellationError: self.init(.interrupted, "interrupted", isSilent: true)
        default: self.init(.failure, "\(error)")
        }
    }

    private init(_ error: RecipeError) {
        switch error {
        case .timedOut(let path): self.init(.timeout, "\(error)", path: path)
        case .lost(let path), .holdUncertain(let path): self.init(.lost, "\(error)", path: path)
        case .taken(let path, _): self.init(.nodeExists, "\(error)", path: path)
        case .notExclusive(let path, _), .leasesDiffer(let path, _): self.init(.refused, "\(error)", path: path)
        case .perhapsTaken(let path, _): self.init(.connection, "\(error)", path: path)
        case .malformedData(let path): self.init(.failure, "\(error)", path: path)
        }
    }

    public init(_ error: ZooKeeperError) {
        let subject = error.path.map { "\($0): " } ?? ""
        var message = subject + Self.text(of: error)
        // The client's own message says so already.
        if error.isOutcomeUnknown, !message.contains("is not known") {
            message += "; whether the change was made is not known: read before you try again"
        }
        self.init(ExitCode(error.code), message, code: error.code, path: error.path)
    }

    /// The cause and, where there is one, the remedy.
    private static func text(of error: ZooKeeperError) -> String {
        if error.isReplyTooLong { return error.reason + "; raise the limit with --max-buffer" }
        let isCreate = error.operation.hasPrefix("create")
        switch error.code {
        case .noNode where isCreate:
            let parent = error.path?.parent?.string ?? "/"
            return "parent node \(parent) does not exist; create it first, or create with -p"
        case .noNode: return "node does not exist"
        case .nodeExists: return "node already exists"
        case .notEmpty: return "node has children; delete them first, or use deleteall"
        case .badVersion: return "version does not match: somebody else changed the node; stat shows its version"
        case .noAuth where error.operation == "getACL":
            return "insufficient permission to read the ACL; addauth adds an identity"
        case .noAuth: return "insufficient permission; getAcl shows who may, addauth adds an identity"
        case .authFailed: return "authentication failed: \(error.reason)"
        case .invalidACL:
            return "ACL is not valid; an entry is scheme:id:perms, and auth: needs an identity from addauth"
        case .noChildrenForEphemerals: return "an ephemeral node cannot have children; choose another parent"
        case .quotaExceeded: return "quota exceeded; listquota shows it, delete something or raise it with setquota"
        case .notReadOnly: return "the server is read-only now, it has no quorum; try again later"
        case .reconfigDisabled: return "reconfig is disabled; set reconfigEnabled=true on the servers"
        case .reconfigInProgress: return "another reconfig is in progress; try again later"
        case .newConfigNoQuorum: return "no quorum of the new configuration is up to date; start its servers first"
        case .noWatcher: return "no such watch; `watches` lists those of this session"
        case .unimplemented where isCreate:
            return "the server does not support this kind of node (Unimplemented); a TTL needs "
                + "extendedTypesEnabled=true in zoo.cfg, or --ttl of zoosh"
        case .unimplemented: return "the server does not support this request (Unimplemented)"
        // Not all of them come from a server.
        case .badArguments where !error.reason.contains("the server refuses"): return error.reason
        case .badArguments: return "the server refuses the arguments (BadArguments)"
        case .sessionExpired: return error.reason
        default: return error.reason
        }
    }
}

extension ZooKeeperError {
    /// The client's message without its subject, which the shell names itself.
    fileprivate var reason: String {
        let subject = path.map { "\(operation) \($0): " } ?? "\(operation): "
        var text = message.hasPrefix(subject) ? String(message.dropFirst(subject.count)) : message
        while text.hasSuffix(".") { text.removeLast() }
        return text
    }
}

extension ExitCode {
    /// The exit status that stands for `code`.
    public init(_ code: ErrorCode) {
        switch code {
        case .ok: self = .success
        case .connectionLoss, .sessionExpired, .operationTimeout, .requestTimeout, .sessionMoved, .clientClosed:
            self = .connection
        case .noNode: self = .noNode
        case .nodeExists: self = .nodeExists
        case .notEmpty: self = .notEmpty
        case .badVersion: self = .badVersion
        case .noAuth, .authFailed, .invalidACL, .sessionClosedRequireSASLAuth: self = .noAuth
        case .notReadOnly, .quotaExceeded, .unimplemented, .reconfigDisabled, .reconfigInProgress,
            .newConfigNoQuorum, .throttledOp, .apiError:
            self = .refused
        default: self = .failure
        }
    }
}
