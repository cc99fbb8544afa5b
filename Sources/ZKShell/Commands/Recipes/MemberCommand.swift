internal import ShellLanguage
internal import ZKClient
internal import ZKCore
internal import ZKRecipes
internal import ZKText

struct MemberCommand: ShellCommand {
    static let declaration = CommandDeclaration(
        name: "member", group: .transactions, abstract: "Be a member of a group while a command runs.",
        discussion: """
            A member is an ephemeral znode PATH/ID with VALUE as its data. It lives for as long as CMD runs, or until
            Ctrl-C without CMD; when the session expires the next one joins again. A watcher of PATH sees within the
            session timeout and one tick that the member has crashed. Where PATH/ID exists already it fails and says what
            stands there; --replace takes the place of a live member, as one that was started again may do before its
            earlier session has expired. A znode that is no member's is never replaced. When another process takes the
            place, CMD gets SIGTERM, and SIGKILL after the grace period. CMD's environment tells ZOOSH_MEMBER (the znode), ZOOSH_SESSION and ZOOSH_SERVER.
            Without VALUE it lists the members.
            """,
        examples: [
            .init("member /app/workers 10.0.0.7:8080 -- ./worker", "there for as long as the worker runs"),
            .init("member /app/workers '{\"port\": 8080}' --id w1 -- ./worker", "with a name of its own"),
            .init("member /app/workers w1 --replace -- ./worker", "again, though the earlier one is still listed"),
            .init("member /app/workers", "who is there"),
        ],
        exitStatuses: [
            .init(.lost, "another process has taken the place"),
            .init(.nodeExists, "the place is taken, by a live member or by a znode that is no member's"),
            .init(.notFound, "there is no such command"),
        ],
        writes: true)

    @Option(help: ArgumentHelp("The member's name; VALUE if left out.", valueName: "id"))
    var id: String?

    @Flag(help: "Take the place of a live member with this name, which loses it.")
    var replace = false

    @Option(
        help: ArgumentHelp(
            "When CMD must end: how long after SIGTERM until SIGKILL. Default: 10s.", valueName: "dur"))
    var grace: DurationOperand?

    @Argument(help: "The group; its znode is created when missing.")
    var path: PathOperand

    @Argument(help: "The member's data, such as its address.")
    var value: WordOperand?

    @Argument(parsing: .afterTerminator, help: ArgumentHelp("What to run as long as it is one.", valueName: "cmd"))
    var command: [WordOperand] = []

    func run(in shell: ShellContext) async throws {
        let path = try shell.resolve(path)
        guard let value else {
            guard id == nil, command.isEmpty else { throw UsageError("missing operand VALUE") }
            return try await list(path, in: shell)
        }
        let id = id ?? value.word.text
        guard !id.contains("/"), let member = try? ZnodePath(path.appending(id).string), !id.isEmpty else {
            throw UsageError("\(id) cannot be the name of a znode: name the member with --id")
        }
        if shell.options.isDryRun { return try shell.wouldDo("join \(path) as \(id)") }
        shell.session.connection.noteEphemeral()
        let place = Place(shell: shell, path: path, id: id, member: member, data: value.word.bytes)
        let client = try await place.join(replacing: replace ? .anyMember : .nobody)
        guard !command.isEmpty else {
            let text = "joined \(member)"
            try shell.emit(TextResult(text, json: .members(["path": JSONValue(member), "ok": true])))
            try shell.output.flush()
            try await place.keep(from: client)
            throw place.lost
        }
        let session = Hex.number(client.session.id)
        let environment = [(name: "ZOOSH_MEMBER", value: member.string), (name: "ZOOSH_SESSION", value: session)]
        let status = try await shell.run(
            command, environment: environment, grace: grace?.duration ?? .seconds(10)
        ) {
            try await place.keep(from: client)
        }
        guard let status else { throw place.lost }
        guard status == .success else { throw ShellError.silent(status) }
    }

    private func list(_ path: ZnodePath, in shell: ShellContext) async throws {
        for (id, data) in try await GroupMembership(try await shell.client(), path: path).members() {
            let text = String(decoding: data ?? [], as: UTF8.self)
            try shell.emit(
                TextResult(
                    text == id ? id : "\(id) \(text)", json: .members(["id": .string(id), "data": .string(text)])))
        }
    }
}

/// The place of a member in its group, kept from session to session.
private struct Place: Sendable {
    let shell: ShellContext
    let path: ZnodePath
    let id: String
    let member: ZnodePath
    let data: [UInt8]

    var lost: ShellError {
        ShellError(.lost, "\(member): another process has taken this place", path: member)
    }

    func join(replacing replacement: GroupMembership.Replacement) async throws -> ZooKeeperClient {
        let client = try await shell.client()
        try await GroupMembership(client, path: path).join(id: id, data: data, replacing: replacement)
        return client
    }

    /// Returns when another session owns the znode; joins again when it is gone otherwise. Leaves when cancelled.
    func keep(from first: ZooKeeperClient) async throws {
        var client = first
        // The znodes of these may still be there.
        var sessions: Set<Int64> = []
        do {
            while true {
                try await GroupMembership(client, path: path).untilLost(member)
                try Task.checkCancellation()
                sessions.insert(client.session.id)
                if client.state.isOver { shell.note("session expired; joining \(path) again") }
                do {
                    client = try await joinAgain(sessions)
                } catch let error as RecipeError {
                    guard case .taken = error else { throw error }
                    return
                }
            }
        } catch {
            if !client.state.isOver { await leave(client) }
            throw error
        }
    }

    /// The session ends soon, and takes the znode along if this does not.
    private func leave(_ client: ZooKeeperClient) async {
        do {
            try await GroupMembership(client, path: path).leave(member)
        } catch {
            shell.warn("\(member): \(ShellError(error).message)")
        }
    }

    private func joinAgain(_ sessions: Set<Int64>) async throws -> ZooKeeperClient {
        while true {
            do {
                return try await join(replacing: .sessions(sessions))
            } catch is CancellationError {
                throw CancellationError()
            } catch {
                guard ShellError(error).status == .connection else { throw error }
                // No server yet: CMD runs on meanwhile.
                try await Task.sleep(for: .milliseconds(200))
            }
        }
    }
}
