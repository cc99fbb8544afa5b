import Glibc

/// How many descriptors the process may have.
public enum OpenFileLimit {
    /// Those of a shell with one connection, and some for files and pipes.
    private static let needed: rlim_t = 32

    /// Raises a limit that is too low for what comes, where that is allowed: the network library ends the process when it
    /// gets no descriptor.
    ///
    /// - Throws: ``ShellError`` 74.
    public static func ensure() throws(ShellError) {
        var limit = rlimit()
        guard getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0, limit.rlim_cur < needed else {
            return
        }
        let former = limit.rlim_cur
        limit.rlim_cur = min(needed, limit.rlim_max)
        guard limit.rlim_cur == needed, setrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0 else {
            throw ShellError(
                .localIO, "only \(former) files may be open, and zoosh needs \(needed): raise the limit with ulimit -n")
        }
    }
}
