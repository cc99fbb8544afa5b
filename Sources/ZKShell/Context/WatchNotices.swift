internal import Synchronization
public import ZKClient
internal import ZKCore

/// Reports the events of the watches that commands have armed with `-w`, `addWatch` and the like.
///
/// In the interactive shell a notice is printed above the line that is being edited; elsewhere it goes to stderr.
public final class WatchNotices: Sendable {
    private struct State {
        var isEnabled = true
        var followed: [Int: (watch: ArmedWatch, task: Task<Void, Never>)] = [:]
        var next = 0
        var reported = RecentEvents()
    }

    private let diagnostics: Diagnostics
    /// Where zkCli prints events; nil for stderr.
    private let output: Output?
    private let isCompatible: Bool
    private let state = Mutex(State())

    init(diagnostics: Diagnostics, output: Output?, isCompatible: Bool) {
        self.diagnostics = diagnostics
        self.output = output
        self.isCompatible = isCompatible
    }

    /// What `printwatches` switches.
    public var isEnabled: Bool {
        get { state.withLock { $0.isEnabled } }
        set { state.withLock { $0.isEnabled = newValue } }
    }

    /// Reports the event of `watch` when it comes.
    public func follow(_ watch: OneShotWatch) {
        keep(ArmedWatch(path: watch.path, kind: watch.kind)) { notices in
            notices.report(try await watch.event())
        }
    }

    /// Reports the events of `watches` until the watch is removed.
    public func follow(_ watches: WatchSequence, path: String) {
        let kind = watches.mode == .persistent ? ArmedWatch.Kind.persistent : .persistentRecursive
        keep(ArmedWatch(path: watches.path, kind: kind)) { notices in
            for try await notification in watches {
                switch notification {
                case .event(let event): notices.report(event)
                case .resumed: notices.line("watch \(path): connected again; changes meanwhile may have been missed")
                }
            }
        }
    }

    /// What was followed when the session expired; it is followed no longer.
    func takeLost() -> [ArmedWatch] {
        let lost = state.withLock { state in
            defer { state.followed = [:] }
            return state.followed.sorted { $0.key < $1.key }.map(\.value)
        }
        for watch in lost { watch.task.cancel() }
        return lost.map(\.watch)
    }

    private func keep(_ watch: ArmedWatch, _ body: @escaping @Sendable (WatchNotices) async throws -> Void) {
        state.withLock { state in
            let number = state.next
            state.next += 1
            let task = Task { [weak self] in
                guard let self else { return }
                do {
                    try await body(self)
                } catch let error as ZooKeeperError where error.code == .sessionExpired {
                    return  // It stays for takeLost().
                } catch {
                    // The end of the session is told elsewhere.
                }
                self.state.withLock { $0.followed[number] = nil }
            }
            state.followed[number] = (watch, task)
        }
    }

    private func report(_ event: WatchEvent) {
        guard state.withLock({ $0.reported.insert(event) }) else { return }
        if isCompatible {
            return lines(
                CompatibleFraming.lines(
                    type: "\(event.type)", path: "\(event.path)", zxid: event.zxid.map { Int64($0.rawValue) }))
        }
        let zxid = event.zxid.map { " (zxid \($0))" } ?? ""
        line("event: \(event.type) \(event.path)\(zxid)")
    }

    /// At once, where there is an output; above the line that is being edited at a prompt.
    func lines(_ texts: [String]) {
        guard isEnabled else { return }
        guard let output else { return texts.forEach(diagnostics.writeLine) }
        // A broken output is noticed by the next command.
        try? output.write(texts.map { $0 + "\n" }.joined())
        try? output.flush()
    }

    private func line(_ text: String) {
        if isEnabled { diagnostics.notify(text) }
    }
}
