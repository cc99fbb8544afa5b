#if canImport(Glibc)
    import Glibc
#else
    import Darwin
#endif

/// A readers-writer lock in which a waiting writer goes before new readers.
final class ReadWriteLock: @unchecked Sendable {
    private let lock: UnsafeMutablePointer<pthread_rwlock_t>

    init() {
        lock = .allocate(capacity: 1)
        var attributes = pthread_rwlockattr_t()
        pthread_rwlockattr_init(&attributes)
        #if canImport(Glibc)
            pthread_rwlockattr_setkind_np(&attributes, Int32(PTHREAD_RWLOCK_PREFER_WRITER_NONRECURSIVE_NP))
        #endif
        let result = pthread_rwlock_init(lock, &attributes)
        precondition(result == 0, "a lock can be made")
        pthread_rwlockattr_destroy(&attributes)
    }

    deinit {
        pthread_rwlock_destroy(lock)
        lock.deallocate()
    }

    @inline(__always)
    func lockShared() { pthread_rwlock_rdlock(lock) }

    @inline(__always)
    func lockExclusive() { pthread_rwlock_wrlock(lock) }

    @inline(__always)
    func unlock() { pthread_rwlock_unlock(lock) }

    func withExclusive<Result, Failure: Error>(_ body: () throws(Failure) -> Result) throws(Failure) -> Result {
        lockExclusive()
        defer { unlock() }
        return try body()
    }

    func withShared<Result, Failure: Error>(_ body: () throws(Failure) -> Result) throws(Failure) -> Result {
        lockShared()
        defer { unlock() }
        return try body()
    }
}
