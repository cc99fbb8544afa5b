import Foundation
import StoreSupport
import Synchronization
import ZKStore

/// A disk whose syncs of data wait while they are held.
final class HeldSyncs: Sendable {
    private let isHeld = Mutex(false)

    func hold() { isHeld.withLock { $0 = true } }
    func release() { isHeld.withLock { $0 = false } }

    var fileSystem: WatchedFileSystem {
        WatchedFileSystem { [self] _ in
            while isHeld.withLock({ $0 }) { usleep(1000) }
        }
    }
}
