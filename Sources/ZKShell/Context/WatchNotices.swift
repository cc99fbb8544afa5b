internal import Synchronization
public import ZKClient
internal import ZKCore

/// Reports the events of the watches that commands have armed with `-w`, `addWatch` and the like.
///
/// In the interactive shell a notice is printed above the line that is being edited; elsewhere it goes to stderr.
public final class WatchNotices: Sendable {
    private struct State {
        var isEnabled = true
        var tasks: [Int: Task<Void, Never>] = [:]
        var next = 0
    }

    private let diagnostics: Diagnostics
    private let isCompatible: Bool
    private let state = Mutex(State())

    init(diagnostics: Diagnostics, isCompatible: Bool) {
        self.diagnostics = diagnostics
        self.isCompatible = isCompatible
    }

    /// What `printwatches` switches.
    public var isEnabled: Bool {
        get { state.withLock { $0.isEnabled } }
        set { state.withLock { $0.isEnabled = newValue } }
    }

    /// Reports the event of `watch` when it comes.
    public func follow(_ watch: OneShotWatch) {
        keep { notices in
            // A watch that can no longer fire was announced with the end of its session.
            guard let event = try? await watch.event() else { return }
            notices.report(event)
        }
    }

    /// Reports the events of `watches` until the watch is removed.
    public func follow(_ watches: WatchSequence, path: String) {
        keep { notices in
            do {
                for try await notification in watches {
                    switch notification {
                    case .event(let event): notices.report(event)
                    case .resumed:
                        notices.line("watch \(path): connected again; changes meanwhile may have been missed")
                    }
                }
            } catch {
                notices.line("watch \(path) has ended: \(ShellError(error).message)")
            }
        }
    }

    private func keep(_ body: @escaping @Sendable (WatchNotices) async -> Void) {
        state.withLock { state in
            let number = state.next
            state.next += 1
            state.tasks[number] = Task { [weak self] in
                guard let self else { return }
                await body(self)
                self.state.withLock { $0.tasks[number] = nil }
            }
        }
    }

    private func report(_ event: WatchEvent) {
        let zxid = event.zxid.map { " (zxid \($0))" } ?? ""
        line("event: \(event.type) \(event.path)\(zxid)")
    }

    private func line(_ text: String) {
        if isEnabled { diagnostics.writeLine(text) }
    }
}
