import Synchronization

/// Counts the connections of the admin server and of that of metrics. There are few, whoever asks for them: descriptors
/// are what clients, logs and snapshots need.
final class HTTPConnections: Sendable {
    static let most = 16

    private let open = Atomic(0)

    /// Counts one in, unless there are enough.
    func admit() -> Bool {
        guard open.add(1, ordering: .relaxed).newValue <= Self.most else {
            leave()
            return false
        }
        return true
    }

    func leave() {
        open.subtract(1, ordering: .relaxed)
    }
}
