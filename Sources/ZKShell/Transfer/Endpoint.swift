internal import ShellLanguage
internal import ZKClient
internal import ZKCore

/// One side of cp, diff or mirror: a znode here, one of another ensemble or of files, or an export.
enum Endpoint: Sendable {
    case here(ZnodePath)
    /// `zk://HOSTS/PATH`
    case elsewhere(ConnectString, ZnodePath)
    /// `@FILE`
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
        } else if text.hasPrefix("@"), text.utf8.count > 1, !operand.word.startsLiterally {
            self = .file(String(text.dropFirst()))
        } else {
            self = .here(try shell.resolve(operand))
        }
    }

    /// Runs `body` with a reader for the znode: files and the offline view are read, ensembles are connected to.
    func withReader<Value>(
        in shell: ShellContext, _ body: (any ZnodeReader, ZnodePath) async throws -> Value
    ) async throws -> Value {
        switch self {
        case .here(let path): return try await body(shell.reader(), path)
        case .offline(let source):
            let replica = try OfflineView.open(source.path, at: source.moment, skipsDamage: false) { shell.warn($0) }
            return try await body(OfflineReader(replica: replica), source.znode)
        case .elsewhere, .file: return try await withClient(in: shell) { try await body($0, $1) }
        }
    }

    /// Runs `body` with a client for the znode, which is closed afterwards unless it is the shell's own.
    func withClient<Value>(
        in shell: ShellContext, _ body: (ZooKeeperClient, ZnodePath) async throws -> Value
    ) async throws -> Value {
        switch self {
        case .here(let path): return try await body(shell.client(), path)
        case .file(let name): throw ShellError.usage("@\(name): a file cannot stand here")
        case .offline(let source):
            throw ShellError.usage("\(source.path): diff reads files of a server; this needs an ensemble")
        case .elsewhere(let connectString, let path):
            var configuration = try ClientConfiguration(shellOptions: shell.options)
            configuration.connectString = connectString
            let client = ZooKeeperClient(configuration: configuration)
            do {
                try await client.waitUntilConnected(timeout: shell.options.connectTimeout)
                let value = try await body(client, path)
                await client.close()
                return value
            } catch {
                await client.close()
                throw error
            }
        }
    }
}
