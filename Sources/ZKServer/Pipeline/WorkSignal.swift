#if canImport(Glibc)
    import Glibc
#else
    import Darwin
#endif

/// Lets a thread sleep until another one has work for it.
final class WorkSignal: @unchecked Sendable {
    private let mutex: UnsafeMutablePointer<pthread_mutex_t>
    private let condition: UnsafeMutablePointer<pthread_cond_t>
    /// Under the mutex.
    private var isSet = false

    init() {
        mutex = .allocate(capacity: 1)
        condition = .allocate(capacity: 1)
        pthread_mutex_init(mutex, nil)
        pthread_cond_init(condition, nil)
    }

    deinit {
        pthread_cond_destroy(condition)
        pthread_mutex_destroy(mutex)
        condition.deallocate()
        mutex.deallocate()
    }

    func set() {
        pthread_mutex_lock(mutex)
        isSet = true
        pthread_cond_signal(condition)
        pthread_mutex_unlock(mutex)
    }

    /// Returns at once when it was set since the last wait.
    func wait() {
        pthread_mutex_lock(mutex)
        while !isSet { pthread_cond_wait(condition, mutex) }
        isSet = false
        pthread_mutex_unlock(mutex)
    }

    /// The same, but for so long at most.
    func wait(millisMax: Int64) {
        var deadline = timespec()
        clock_gettime(CLOCK_REALTIME, &deadline)
        let nanos = Int64(deadline.tv_nsec) + millisMax % 1000 * 1_000_000
        deadline.tv_sec += Int(millisMax / 1000 + nanos / 1_000_000_000)
        deadline.tv_nsec = Int(nanos % 1_000_000_000)
        pthread_mutex_lock(mutex)
        while !isSet, pthread_cond_timedwait(condition, mutex, &deadline) == 0 {}
        isSet = false
        pthread_mutex_unlock(mutex)
    }
}

/// A thread of the system that runs `body` and can be waited for. What nobody waited for when it is released cleans up
/// after itself.
final class SystemThread: @unchecked Sendable {
    private final class Body {
        let run: () -> Void

        init(_ run: @escaping () -> Void) {
            self.run = run
        }
    }

    private var thread = pthread_t()
    private var isJoined = false

    /// nil when the system has no thread to give.
    init?(_ body: @escaping @Sendable () -> Void) {
        let argument = Unmanaged.passRetained(Body(body))
        let result = pthread_create(
            &thread, nil,
            { argument in
                #if canImport(Glibc)
                    let body = Unmanaged<Body>.fromOpaque(argument!).takeRetainedValue()
                #else
                    let body = Unmanaged<Body>.fromOpaque(argument).takeRetainedValue()
                #endif
                body.run()
                return nil
            }, argument.toOpaque())
        guard result == 0 else {
            argument.release()
            isJoined = true
            return nil
        }
    }

    deinit {
        if !isJoined { pthread_detach(thread) }
    }

    /// Runs what may wait on a thread of its own: those of the concurrency runtime are few.
    static func run(_ body: @escaping @Sendable () -> Void) async {
        await withCheckedContinuation { continuation in
            let work = { @Sendable in
                body()
                continuation.resume()
            }
            // Better late than never.
            if SystemThread(work) == nil { work() }
        }
    }

    /// Waits until the thread is done. Once.
    func join() {
        isJoined = true
        pthread_join(thread, nil)
    }

    /// Lets the thread end whenever it does: nobody waits for it. Once, and not after ``join()``.
    func detach() {
        isJoined = true
        pthread_detach(thread)
    }
}
