import StoreSupport
import Synchronization
import ZKStore

/// A disk whose n-th sync of data fails, once.
final class FailingSync: Sendable {
    private let number: Int
    private let errno: Int32
    private let syncs = Mutex(0)

    init(_ number: Int, errno: Int32) {
        self.number = number
        self.errno = errno
    }

    var syncCount: Int { syncs.withLock { $0 } }

    var fileSystem: WatchedFileSystem {
        WatchedFileSystem { [self] path throws(StoreError) in
            let count = syncs.withLock { count in
                count += 1
                return count
            }
            if count == number { throw .system(path, errno: errno, "cannot be synced") }
        }
    }
}
