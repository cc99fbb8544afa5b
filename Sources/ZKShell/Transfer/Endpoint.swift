internal import ShellLanguage
internal import ZKClient
internal import ZKCore

/// One side of cp, diff or mirror: a znode here, one of another ensemble or of files, or an export.
enum Endpoint: Sendable {
    case here(ZnodePath)
    /// `zk://HOSTS/PATH`, `zks://HOSTS/PATH`
    case elsewhere(ConnectString, ZnodePath)
    /// `@NAME:/PATH`
    case profile(String, ZnodePath)
    /// `@FILE`, `file:FILE`
    case file(String)
    /// `offline:PATH@MOMENT:/path`
    case offline(OfflineSource)

    init(_ operand: PathOperand, in shell: ShellContext) throws {
        let text = operand.word.text
        if text.hasPrefix("zk://") || text.hasPrefix("zks://") {
            var connectString = try ConnectString(text)
            let path = connectString.chroot ?? .root
            connectString.chroot = nil
            self = .elsewhere(connectString, path)
        } else if text.hasPrefix(OfflineSource.prefix), !operand.word.startsLiterally {
            self = .offline(try OfflineSource(String(text.dropFirst(OfflineSource.prefix.count)), hasPath: true))
        } else if text.hasPrefix("file:"), text.utf8.count > 5, !operand.word.startsLiterally {
            self = .file(String(text.dropFirst(5)))
        } else if text.hasPrefix("@"), text.utf8.count > 1, !operand.word.startsLiterally {
            self = try Self.profile(text.dropFirst()) ?? .file(String(text.dropFirst()))
        } else {
            self = .here(try shell.resolve(operand))
        }
    }

    /// Whether it is read from files of a server.
    func readsFiles(in shell: ShellContext) -> Bool {
        switch self {
        case .offline: true
        case .here: shell.session.offline != nil
        case .elsewhere, .profile, .file: false
        }
    }

    /// Runs `body` with the tree for reading: files and the offline view are read, ensembles are connected to.
    func withReadTree<Value>(
        in shell: ShellContext, _ body: (ReadTree) async throws -> Value
    ) async throws -> Value {
        switch self {
        case .here(let path): return try await body(ReadTree(reader: shell.reader(), root: path))
        case .offline(let source):
            let replica = try OfflineView.open(source.path, at: source.moment, skipsDamage: false) { shell.warn($0) }
            return try await body(
                ReadTree(reader: OfflineReader(replica: replica), root: source.znode, place: source.place))
        case .elsewhere, .profile, .file: return try await withTree(in: shell) { try await body($0.forReading) }
        }
    }

    /// Nil for what is not `NAME:/PATH`.
    private static func profile(_ text: Substring) throws -> Endpoint? {
        guard let colon = text.firstIndex(of: ":"), colon != text.startIndex,
            text[..<colon].utf8.allSatisfy({ byte in
                byte.isDigit || (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte | 0x20)
                    || byte == UInt8(ascii: "_") || byte == UInt8(ascii: "-")
            }),
            text[colon...].dropFirst().hasPrefix("/")
        else { return nil }
        return .profile(String(text[..<colon]), try ZnodePath(text[colon...].dropFirst()))
    }

    /// Runs `body` with the tree, whose client is closed afterwards unless it is the shell's own.
    ///
    /// - Parameter writes: whether `body` changes it.
    func withTree<Value>(
        writes: Bool = false, in shell: ShellContext, _ body: (LiveTree) async throws -> Value
    ) async throws -> Value {
        let options: ShellOptions
        let configuration: ClientConfiguration
        let root: ZnodePath
        let ensemble: String
        switch self {
        case .here(let path): return try await body(LiveTree(client: shell.client(), root: path))
        case .file(let name): throw ShellError.usage("@\(name): a file cannot stand here")
        case .offline(let source):
            throw ShellError.usage(
                "\(source.path): diff, plan and restore read files of a server; this needs an ensemble")
        case .elsewhere(let connectString, let path):
            options = shell.options.forOtherEnsemble(connectString)
            configuration = try ClientConfiguration(shellOptions: options)
            root = path
            ensemble = (connectString.usesTLS ? "" : "zk://") + "\(connectString)"
        case .profile(let name, let path):
            options = try shell.options.ofProfile(name)
            configuration = try ClientConfiguration(shellOptions: options)
            root = path
            ensemble = "@\(name):"
            if writes, options.isReadOnly {
                throw ShellError(.refused, "@\(name):\(path): refused: the profile \(name) is read-only")
            }
        }
        let client = ZooKeeperClient(configuration: configuration)
        let tree = LiveTree(client: client, root: root, ensemble: ensemble)
        do {
            try await connect(tree, timeout: options.connectTimeout)
            let value = try await body(tree)
            await client.close()
            return value
        } catch {
            await client.close()
            throw error
        }
    }

    private func connect(_ tree: LiveTree, timeout: Duration?) async throws {
        do {
            try await tree.client.waitUntilConnected(timeout: timeout)
        } catch let error as ZooKeeperError {
            var failure = tree.named(error)
            if error.code != .authFailed { failure.status = .connection }
            throw failure
        }
        // Below a chroot that is missing nothing can be found, and nothing made.
        guard let chroot = tree.client.configuration.connectString.chroot else { return }
        guard try await tree.naming({ try await tree.client.exists(.root) }) != nil else {
            throw tree.named(
                ShellError(.noNode, "the chroot \(chroot) does not exist", code: .noNode, path: chroot))
        }
    }
}

extension ShellOptions {
    /// Those for an ensemble that is named by its hosts: no identity of this session goes there. `zk://` never speaks TLS,
    /// `zks://` always does.
    func forOtherEnsemble(_ connectString: ConnectString) -> Self {
        var options = self
        options.server = "\(connectString)"
        options.credentials = []
        options.sasl = nil
        options.tls = TLSOptions()
        if connectString.usesTLS {
            options.tls.isEnabled = true
            // Whom to trust is no secret. The certificate is an identity.
            options.tls.caFile = tls.caFile
            options.tls.verifiesHostname = tls.verifiesHostname
        }
        return options
    }

    /// - Throws: ``ShellError`` 2 when there is no such profile.
    fileprivate func ofProfile(_ name: String) throws(ShellError) -> Self {
        guard let profiles else { throw .usage("@\(name): there is no config file that could name an ensemble") }
        return try profiles(name)
    }
}
