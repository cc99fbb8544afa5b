internal import ShellLanguage
internal import ZKClient
internal import ZKCore
internal import ZKRecipes
internal import ZKText

/// Holding a lock, a lease or the leadership while another command runs.
extension ShellContext {
    /// Waits for a grant. When the session expires meanwhile, the next one queues again, at the end.
    ///
    /// - Parameter timeout: for all tries together, and for finding a server. Zero does not wait for others.
    func acquire<Grant: Sendable>(
        _ path: ZnodePath, timeout: Duration?,
        _ body: @escaping @Sendable (ZooKeeperClient, Duration?) async throws -> Grant
    ) async throws -> Grant {
        session.connection.noteEphemeral()
        // The recipe knows what no time at all means.
        guard let timeout, timeout > .zero else {
            return try await acquireInSomeSession { try await body($0, timeout) }
        }
        return try await withTimeout(timeout, "\(RecipeError.timedOut(path: path))") {
            try await acquireInSomeSession { try await body($0, nil) }
        }
    }

    private func acquireInSomeSession<Grant>(
        _ body: (ZooKeeperClient) async throws -> Grant
    ) async throws -> Grant {
        while true {
            let client = try await client()
            do {
                return try await body(client)
            } catch let error as ZooKeeperError
                where [.sessionExpired, .connectionLoss, .operationTimeout].contains(error.code)
            {
                if client.state == .expired { note("session expired while waiting; queueing again at the end") }
                try await Task.sleep(for: .milliseconds(100))
            }
        }
    }

    /// Runs `command` while `held` is, or waits until it is lost when there is none; releases it in any case.
    ///
    /// - Parameter verb: what was done to get it, such as `locked`.
    /// - Throws: ``ShellError`` 75 when it was lost, or with the status of the command when that is not 0.
    func hold(
        _ held: Held, of path: ZnodePath, verb: String, command: [WordOperand], grace: Duration
    ) async throws {
        let result = HeldResult(
            verb: verb, path: path, node: held.path, token: held.fencingToken,
            session: session.connection.currentClient?.session.id ?? 0)
        do {
            if command.isEmpty {
                try emit(result)
                try output.flush()
                try await held.untilUncertain(patience: held.client.session.timeout / 4)
            } else {
                let status = try await run(command, environment: result.environment, grace: grace, for: held.client) {
                    try await held.untilUncertain(patience: held.client.session.timeout / 4)
                }
                if let status {
                    await release(held)
                    guard status == .success else { throw ShellError.silent(status) }
                    return
                }
            }
        } catch let error as ShellError where error.isSilent {
            throw error
        } catch {
            await release(held)
            throw error
        }
        await release(held)
        let end = command.isEmpty ? "" : "; the command was stopped"
        throw ShellError(.lost, "\(path): lost, as the session or its connection ended or the znode is gone\(end)")
    }

    /// Gives it back. What the command has done counts, and not whether the server answers to this: it gives it back
    /// itself when the session ends, which is soon.
    private func release(_ held: Held) async {
        do {
            let limit: Duration = held.client.state.isConnected && !held.client.state.isOver ? .seconds(1) : .zero
            if try await held.release(within: limit) { return }
        } catch {
            warn("\(held.path): \(ShellError(error).message)")
        }
        if !held.client.state.isOver { warn("\(held.path): no answer of the server; it goes when the session ends") }
    }

    /// Runs `command` until it ends by itself, until `untilLost` returns, or until the task is cancelled.
    ///
    /// - Parameter client: whose session it must not outlive, however long `grace` is: the command is gone before the
    ///   ensemble may end the session, as the next holder begins then.
    /// - Returns: its status; nil when it was stopped since `untilLost` has returned.
    /// - Throws: `CancellationError` when it was stopped since the task is cancelled, ``ShellError`` when it cannot be
    ///   started.
    func run(
        _ command: [WordOperand], environment: [(name: String, value: String)], grace: Duration,
        for client: ZooKeeperClient? = nil, untilLost: @escaping @Sendable () async throws -> Void
    ) async throws -> ExitCode? {
        try output.flush()
        let server = "\(session.connection.connectString)"
        let child = try ChildGroup(
            command.map(\.word), output: output.inheritedDescriptor,
            environment: environment + [(name: "ZOOSH_SERVER", value: server)],
            // The ensemble was heard of within two thirds of the timeout, or the command is being stopped by now.
            orphanGrace: min(grace, client.map { $0.session.timeout / 4 } ?? grace))
        return try await withThrowingTaskGroup(of: ExitCode?.self) { group in
            group.addTask { await child.wait() }
            group.addTask {
                do {
                    try await untilLost()
                } catch {
                    // It was cancelled, or whether it is lost cannot be found out: that is as bad.
                }
                return nil
            }
            let status = try await group.next() ?? nil
            if status == nil { await child.stop(grace: grace) { client?.earliestExpiry } }
            group.cancelAll()
            if status == nil { try Task.checkCancellation() }
            return status
        }
    }
}

/// What was granted.
struct HeldResult: ShellResult {
    var verb: String
    var path: ZnodePath
    var node: ZnodePath
    var token: Zxid
    var session: Int64

    private var sessionText: String { Hex.number(session) }

    var environment: [(name: String, value: String)] {
        [
            (name: "ZOOSH_LOCK", value: path.string), (name: "ZOOSH_LOCK_NODE", value: node.string),
            (name: "ZOOSH_FENCE", value: "\(token.rawValue)"), (name: "ZOOSH_SESSION", value: sessionText),
        ]
    }

    var json: JSONValue {
        .members([
            "path": JSONValue(path), "node": JSONValue(node), "fence": .int(token.rawValue),
            "session": .string(sessionText), "ok": true,
        ])
    }

    func writePlain(to output: Output) throws(ShellError) {
        try output.writeLine("\(verb) \(node), fencing token \(token.rawValue)")
    }

    func writeRaw(to output: Output) throws(ShellError) {
        try output.writeLine(node.string)
    }
}
