internal import NIOCore

extension ZooKeeperClient {
    /// Runs tasks on the thread that reads the replies.
    ///
    /// A task that waits for many replies, each of them quickly dealt with, goes on there without a switch of threads,
    /// which takes longer than the reply itself: `addTask(executorPreference: client.taskExecutor)`. What runs there
    /// delays the connection: it must neither block nor compute for long.
    public var taskExecutor: any TaskExecutor { LoopTaskExecutor(loop: driver.loop) }
}

private final class LoopTaskExecutor: TaskExecutor {
    private let loop: any EventLoop

    init(loop: any EventLoop) {
        self.loop = loop
    }

    func enqueue(_ job: consuming ExecutorJob) {
        let job = UnownedJob(job)
        loop.execute { job.runSynchronously(on: self.asUnownedTaskExecutor()) }
    }
}
