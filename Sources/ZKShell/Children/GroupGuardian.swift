import Glibc
internal import ZKSystem

/// Ends a process group when this process is gone, however that happened: what runs under a lock must not outlive who
/// holds it. A small `sh` waits for the end of a pipe whose other end only this process has.
///
/// A signal of the parent's death (`PR_SET_PDEATHSIG`) reaches the command alone and not what it has started, and has to
/// be asked for between fork and exec, where nothing of ours can run.
struct GroupGuardian: Sendable {
    /// Reads the group, and then whether it has ended by itself. Otherwise it gets SIGTERM, and SIGKILL after some
    /// seconds.
    private static let script = """
        exec 2>/dev/null
        trap '' HUP INT QUIT TERM TSTP
        read -r group || exit 0
        read -r end && exit 0
        kill -s TERM -- "-$group"; kill -s CONT -- "-$group"
        left=$1
        while [ "$left" -gt 0 ] && kill -s 0 -- "-$group"; do sleep 1; left=$((left - 1)); done
        kill -s KILL -- "-$group"
        """

    private let descriptor: Int32

    /// nil when there is no descriptor or no process left for it.
    init?(grace: Duration) {
        guard let pipe = Pipe() else { return nil }
        let null = open("/dev/null", O_WRONLY | O_CLOEXEC)
        defer {
            close(pipe.reading)
            if null >= 0 { close(null) }
        }
        do throws(ShellError) {
            let seconds = max(0, grace.components.seconds)
            let command = try SystemCommand.start(
                ["/bin/sh", "-c", Self.script, "zoosh-guardian", "\(seconds)"], input: pipe.reading,
                output: null >= 0 ? null : nil, leadsGroup: true)
            descriptor = pipe.writing
            DetachedThread.run { _ = command.waitBlocking() }
        } catch {
            close(pipe.writing)
            return nil
        }
    }

    func watch(group: pid_t) {
        say("\(group)\n")
    }

    /// The group's leader has ended: what it has left in the background may stay.
    func dismiss() {
        say("done\n")
        close(descriptor)
    }

    private func say(_ line: String) {
        _ = line.withCString { write(descriptor, $0, strlen($0)) }
    }
}
