internal import Synchronization
internal import ZKClient
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
        /// Lines that belong together, in the order of the session.
        var pending: [[String]] = []
        var pendingBytes = 0
        /// How many events were dropped since nobody has taken them.
        var leftOut = 0
        var isDrainScheduled = false
    }

    private static let pendingBytesMax = 4 << 20

    private let diagnostics: Diagnostics
    /// Where zkCli prints events; nil for stderr.
    private let output: Output?
    private let isCompatible: Bool
    private let state = Mutex(State())
    private let writing = Mutex(())

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

    /// Reports an event, on the client's event loop: in the order of the session, and before the reply to what was asked
    /// for later is known. It is written by ``drain()``.
    var onEvent: @Sendable (WatchEvent) -> Void {
        { [weak self] event in self?.report(event) }
    }

    /// Like ``onEvent``, for a watch that stays.
    func onNotification(of path: String) -> @Sendable (WatchNotification) -> Void {
        { [weak self] notification in
            switch notification {
            case .event(let event): self?.report(event)
            case .resumed: self?.enqueue(["watch \(path): connected again; changes meanwhile may have been missed"])
            }
        }
    }

    /// Keeps `watch`, which was armed with ``onEvent``, until its event comes.
    func follow(_ watch: OneShotWatch) {
        keep(ArmedWatch(path: watch.path, kind: watch.kind)) { _ = try await watch.event() }
    }

    /// Keeps `watches`, which were armed with ``onNotification(of:)``, until the watch is removed.
    func follow(_ watches: WatchSequence) {
        let kind = watches.mode == .persistent ? ArmedWatch.Kind.persistent : .persistentRecursive
        keep(ArmedWatch(path: watches.path, kind: kind)) { for try await _ in watches {} }
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

    private func keep(_ watch: ArmedWatch, _ body: @escaping @Sendable () async throws -> Void) {
        state.withLock { state in
            let number = state.next
            state.next += 1
            let task = Task { [weak self] in
                do {
                    try await body()
                } catch let error as ZooKeeperError where error.code == .sessionExpired || error.code == .authFailed {
                    return  // It stays for takeLost().
                } catch {
                    // The end of the session is told elsewhere.
                }
                self?.state.withLock { $0.followed[number] = nil }
            }
            state.followed[number] = (watch, task)
        }
    }

    // MARK: Writing

    private func report(_ event: WatchEvent) {
        guard state.withLock({ $0.reported.insert(event) }) else { return }
        if isCompatible {
            return enqueue(
                CompatibleFraming.lines(
                    type: "\(event.type)", path: "\(event.path)", zxid: event.zxid.map { Int64($0.rawValue) }))
        }
        let zxid = event.zxid.map { " (zxid \($0))" } ?? ""
        enqueue(["event: \(event.type) \(event.path)\(zxid)"])
    }

    /// Adds what belongs together to what is to be written; soon, or before the next value.
    func enqueue(_ texts: [String]) {
        let wakes = state.withLock { state in
            guard state.isEnabled else { return false }
            let bytes = texts.reduce(0) { $0 + $1.utf8.count }
            guard state.pendingBytes + bytes <= Self.pendingBytesMax else {
                state.leftOut += 1
                return false
            }
            state.pendingBytes += bytes
            state.pending.append(texts)
            defer { state.isDrainScheduled = true }
            return !state.isDrainScheduled
        }
        if wakes { Task { self.drain() } }
    }

    /// Writes all that has been reported so far. Called before a value is written, so that no event comes after what was
    /// read behind it.
    func drain() {
        // Held while writing, so that all writers keep the order.
        writing.withLock { _ in
            let (pending, leftOut) = state.withLock { state in
                defer {
                    state.pending = []
                    state.pendingBytes = 0
                    state.leftOut = 0
                    state.isDrainScheduled = false
                }
                return (state.pending, state.leftOut)
            }
            for texts in pending { write(texts) }
            if leftOut > 0 { write(["\(leftOut) events came too fast to be shown"]) }
        }
    }

    /// At once, where there is an output; above the line that is being edited at a prompt.
    private func write(_ texts: [String]) {
        guard let output else { return texts.forEach(isCompatible ? diagnostics.writeLine : diagnostics.notify) }
        // A broken output is noticed by the next command.
        try? output.write(texts.map { $0 + "\n" }.joined())
        try? output.flush()
    }
}
