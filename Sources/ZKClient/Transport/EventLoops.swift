internal import NIOCore
internal import NIOPosix
internal import Synchronization

/// The event loops of all clients of the process: at most as many threads as cores (and four), started one by one
/// when a client needs them, so that a program with one client has one thread.
enum EventLoops {
    private static let threadsMax = min(4, max(1, System.coreCount))
    private static let pool = Mutex<(loops: [any EventLoop], next: Int)>((loops: [], next: 0))

    /// The loop for a new client. Loops live as long as the process.
    static func next() -> any EventLoop {
        pool.withLock { pool in
            if pool.loops.count < threadsMax {
                let loop = MultiThreadedEventLoopGroup(numberOfThreads: 1).next()
                pool.loops.append(loop)
                return loop
            }
            pool.next = (pool.next + 1) % pool.loops.count
            return pool.loops[pool.next]
        }
    }
}
