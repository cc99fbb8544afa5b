internal import ShellLanguage
internal import ZKClient
internal import ZKCore

struct WaitCommand: ShellCommand {
    static let declaration = CommandDeclaration(
        name: "wait", group: .watches, abstract: "Wait until a znode is as wanted.",
        discussion: "Returns at once when it is so already. Waits across lost connections and expired sessions.",
        examples: [
            .init("wait /app/ready --exists --timeout 30s", "until somebody creates it"),
            .init("wait /locks --children 0", "until there is no child any more"),
            .init("wait /app --value done", "until the data is done"),
        ],
        exitStatuses: [.init(.timeout, "the time was over"), .init(.noNode, "--changed: the znode does not exist")])

    @Flag(help: "Until the znode exists.")
    var exists = false

    @Flag(help: "Until it does not.")
    var gone = false

    @Option(help: ArgumentHelp("Until its data is X.", valueName: "x"))
    var value: WordOperand?

    @Option(help: ArgumentHelp("Until its data has this version or a later one.", valueName: "n"))
    var version: Int32?

    @Option(help: ArgumentHelp("Until it has that many children.", valueName: "n"))
    var children: Int?

    @Flag(help: "Until its data or its existence changes.")
    var changed = false

    @Option(help: ArgumentHelp("Give up after this time.", valueName: "dur"))
    var timeout: DurationOperand?

    @Argument(help: "The znode.")
    var path: PathOperand

    func run(in shell: ShellContext) async throws {
        let path = try shell.resolve(path)
        let condition = try condition()
        try await shell.withTimeout(timeout?.duration, "\(path): not as wanted when the time was over") {
            try await condition.waitUntilHolds(at: path, in: shell)
        }
        if shell.options.output == .json { try shell.emit(DoneResult(path: path)) }
    }

    private func condition() throws(UsageError) -> ZnodeCondition {
        var conditions: [ZnodeCondition] = []
        if exists { conditions.append(.exists) }
        if gone { conditions.append(.gone) }
        if let value { conditions.append(.value(value.word.bytes)) }
        if let version { conditions.append(.version(version)) }
        if let children { conditions.append(.childCount(children)) }
        if changed { conditions.append(.changed) }
        guard conditions.count == 1 else {
            throw UsageError("give one of --exists, --gone, --value, --version, --children and --changed")
        }
        return conditions[0]
    }
}

/// What `wait` waits for.
enum ZnodeCondition: Sendable {
    case exists
    case gone
    case value([UInt8])
    case version(Int32)
    case childCount(Int)
    case changed

    func waitUntilHolds(at path: ZnodePath, in shell: ShellContext) async throws {
        var first: Stat??
        var pause = RetryPause()
        // Servers that cannot be reached at all end the command; once there was one, it is waited for.
        _ = try await shell.client()
        while true {
            do {
                let client = try await shell.client()
                let (isMet, watch) = try await check(path, on: client, first: &first)
                if isMet { return }
                pause.reset()
                _ = try await watch.event()
            } catch let error as ZooKeeperError where error.isTransient || error.code == .sessionExpired {
                // The next session, or this one with its next server, looks again.
                try await pause.sleep()
            } catch let error as ShellError where error.status == .connection && error.code?.isTransient == true {
                try await pause.sleep()
            }
        }
    }

    /// - Parameter first: the stat that was seen first; nil before.
    private func check(
        _ path: ZnodePath, on client: ZooKeeperClient, first: inout Stat??
    ) async throws -> (Bool, OneShotWatch) {
        if case .childCount(let count) = self, try await client.exists(path) != nil {
            do {
                let (children, _, watch) = try await client.getChildrenAndWatch(path)
                return (children.count == count, watch)
            } catch let error as ZooKeeperError where error.code == .noNode {
                // It vanished meanwhile: wait until it is there again.
            }
        }
        let (stat, watch) = try await client.existsAndWatch(path)
        switch self {
        case .exists: return (stat != nil, watch)
        case .gone: return (stat == nil, watch)
        case .childCount: return (false, watch)
        case .version(let version): return (stat.map { $0.version >= version } ?? false, watch)
        case .value(let value):
            guard stat != nil else { return (false, watch) }
            do {
                return (try await client.getData(path).data == value, watch)
            } catch let error as ZooKeeperError where error.code == .noNode {
                // It vanished meanwhile, which sets off the watch.
                return (false, watch)
            }
        case .changed:
            guard let seen = first else {
                guard stat != nil else {
                    throw ShellError(.noNode, "\(path): node does not exist", code: .noNode, path: path)
                }
                first = .some(stat)
                return (false, watch)
            }
            return (seen?.mzxid != stat?.mzxid, watch)
        }
    }
}
