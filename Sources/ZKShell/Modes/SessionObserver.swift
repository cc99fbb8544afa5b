internal import Synchronization
internal import ZKClient
internal import ZKCore

/// Follows the sessions of a shell: says what happens to them, and after one has expired starts another, on which the
/// persistent watches are armed again.
final class SessionObserver: Sendable {
    /// How long a search for a server may take before it is told who does not serve.
    private static let patience = Duration.seconds(3)

    private struct State {
        /// Of the expired session, for the one that follows.
        var watchesToArm: [ArmedWatch]?
        /// How long the shell was stopped since the last connect.
        var suspension: Duration?
        /// Since when it is stopped, or was until just now.
        var stoppedAt: ContinuousClock.Instant?

        mutating func endSuspension() {
            guard let start = stoppedAt else { return }
            suspension = (suspension ?? .zero) + (.now - start)
            stoppedAt = nil
        }
    }

    private let session: ShellSession
    /// Of the prompt; nil when there is none.
    private let mailbox: Mailbox?
    private let state = Mutex(State())

    init(session: ShellSession, mailbox: Mailbox?) {
        self.session = session
        self.mailbox = mailbox
    }

    /// Follows each session from now on.
    func begin() {
        session.connection.observeClients { client in
            let events = client.sessionEvents()
            let arming = self.state.withLock { $0.watchesToArm }
            Task { await self.follow(events, of: client, arming: arming) }
        }
    }

    /// Calls `stop`, which stops the shell, as Ctrl-Z does, and returns when it goes on. The end of the session may be
    /// heard of before that.
    func whileStopped(_ stop: () -> Void) {
        state.withLock { $0.stoppedAt = .now }
        stop()
        state.withLock { $0.endSuspension() }
    }

    private func follow(_ events: AsyncStream<SessionEvent>, of client: ZooKeeperClient, arming: [ArmedWatch]?) async {
        var notices = SessionNotices()
        notices.followsExpired = arming != nil
        var toArm = arming
        var outage: Task<Void, Never>?
        defer { outage?.cancel() }
        for await event in events {
            // One that `close`, `connect` or `quit` has ended is of no interest any more.
            guard event == .expired || event == .authFailed || session.connection.currentClient === client else {
                continue
            }
            var losses = SessionNotices.Losses()
            if event == .expired || event == .authFailed {
                losses = takeLosses()
                losses.end = client.sessionEnd
                if let toArm { state.withLock { $0.watchesToArm?.append(contentsOf: toArm) } }
            }
            say(notices.lines(for: event, losses: losses))
            mailbox?.post(.stateChanged)
            if case .disconnected = event {
                if outage == nil { outage = tellOfOutage(of: client) }
            } else {
                outage?.cancel()
                outage = nil
            }
            switch event {
            case .connected, .connectedReadOnly:
                state.withLock { $0.suspension = nil }
                if let watches = toArm {
                    toArm = nil
                    state.withLock { $0.watchesToArm = nil }
                    await arm(watches, on: client)
                }
            case .expired:
                try? session.connection.start()
            default:
                break
            }
        }
    }

    /// Says which servers do not serve, and why, when the search for one takes long.
    private func tellOfOutage(of client: ZooKeeperClient) -> Task<Void, Never> {
        Task {
            try? await Task.sleep(for: Self.patience)
            guard !Task.isCancelled, client.state == .connecting, session.connection.currentClient === client else {
                return
            }
            say(SessionNotices.lines(notServing: client.hostTroubles.map { ("\($0.host)", $0.trouble) }))
        }
    }

    private func takeLosses() -> SessionNotices.Losses {
        var losses = SessionNotices.Losses()
        losses.ephemerals = session.connection.takeLostEphemerals()
        losses.watches = session.watchNotices.takeLost()
        losses.suspension = state.withLock { state in
            state.watchesToArm = losses.watches.filter(\.kind.staysArmed)
            state.endSuspension()
            defer { state.suspension = nil }
            return state.suspension
        }
        return losses
    }

    private func arm(_ watches: [ArmedWatch], on client: ZooKeeperClient) async {
        var rearmed: [ZnodePath] = []
        var failed: [(path: ZnodePath, reason: String)] = []
        for watch in watches {
            do {
                let mode: AddWatchMode = watch.kind == .persistent ? .persistent : .persistentRecursive
                session.watchNotices.follow(
                    try await client.watch(
                        watch.path, mode: mode,
                        onNotification: session.watchNotices.onNotification(of: watch.path.string)))
                rearmed.append(watch.path)
            } catch {
                failed.append((watch.path, ShellError(error).message))
            }
        }
        say(SessionNotices.lines(rearmed: rearmed, failed: failed))
    }

    private func say(_ lines: [String]) {
        guard !session.options.isQuiet else { return }
        // In a script the lines stand among those of other programs.
        let prefix = mailbox == nil ? "zoosh: " : ""
        for line in lines { session.diagnostics.notify(prefix + line) }
    }
}
