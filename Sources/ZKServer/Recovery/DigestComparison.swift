import Logging
import Synchronization
import ZKCore
import ZKTree

/// Compares the digest that the log tells with the recovered tree, on a thread of its own while the server goes on.
final class DigestComparison: Sendable {
    private let thread: SystemThread
    private let isStopped: Stop

    private final class Stop: Sendable {
        let flag = Atomic(false)
    }

    /// Znodes looked at under one hold of the lock: some hundred microseconds.
    private static let znodesAtOnce = 1_000

    /// nil when there is nothing to compare.
    init?(_ core: ServerCore) {
        guard core.lock.withShared({ core.tree.pointee.isDigestClaimed }) else { return nil }
        let stop = Stop()
        isStopped = stop
        let thread = SystemThread {
            var isRight: Bool?
            while isRight == nil, !stop.flag.load(ordering: .relaxed) {
                isRight = core.lock.withExclusive { core.tree.pointee.compareDigest(count: Self.znodesAtOnce) }
            }
            guard isRight == false else { return }
            core.logger.warning(
                "the tree is not the one that the log tells: some other server may have applied a txn differently")
        }
        guard let thread else { return nil }
        self.thread = thread
    }

    /// Ends it, whether it is done or not.
    func stop() {
        isStopped.flag.store(true, ordering: .relaxed)
        thread.join()
    }
}
