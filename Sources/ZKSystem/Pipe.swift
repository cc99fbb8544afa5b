import Glibc

/// A pipe whose ends no child process inherits.
public struct Pipe: Sendable {
    public let reading: Int32
    public let writing: Int32

    /// Nil, with the reason in `errno`, when the process may open no more descriptors.
    ///
    /// - Parameter blocks: whether a reader waits for bytes and a writer for room.
    public init?(blocks: Bool = true) {
        var ends: [Int32] = [-1, -1]
        guard pipe(&ends) == 0 else { return nil }
        for end in ends {
            _ = fcntl(end, F_SETFD, FD_CLOEXEC)
            if !blocks { _ = fcntl(end, F_SETFL, O_NONBLOCK) }
        }
        (reading, writing) = (ends[0], ends[1])
    }
}
