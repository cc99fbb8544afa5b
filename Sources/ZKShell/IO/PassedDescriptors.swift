import Glibc
internal import Synchronization

/// The descriptors that commands get from the shell: the standard ones, and those that whoever started this process has
/// passed to it, as `make` does with its job server's. Not those that were opened here: a peer would not see the end of
/// a connection before the command has ended, and what is deleted or locked would not be given back.
public enum PassedDescriptors {
    private static let inherited = Mutex<[Int32]>([])

    /// Notes which descriptors are open: called before anything is opened. Without it only the standard ones are passed.
    public static func remember() {
        let open = listOpen()
        inherited.withLock { $0 = open }
    }

    /// Those above the standard ones that a command would get, in order.
    private static func listOpen() -> [Int32] {
        guard let directory = opendir("/proc/self/fd") else { return [] }
        defer { closedir(directory) }
        var found: [Int32] = []
        while let entry = readdir(directory) {
            let number = withUnsafePointer(to: &entry.pointee.d_name) { tuple in
                tuple.withMemoryRebound(to: CChar.self, capacity: 256) { atoi($0) }
            }
            guard number > STDERR_FILENO, fcntl(number, F_GETFD) & FD_CLOEXEC == 0 else { continue }
            found.append(number)
        }
        return found.sorted()
    }

    /// Has a command closed all the others before it starts; called when the standard ones are in their places.
    ///
    /// That they are closed on exec by themselves is not enough: the connections of the network are not, and another
    /// thread may have opened one this moment.
    static func closeOthers(_ actions: inout posix_spawn_file_actions_t) {
        let passed = inherited.withLock { $0 }
        var next = STDERR_FILENO + 1
        for descriptor in passed {
            for other in next..<descriptor { posix_spawn_file_actions_addclose(&actions, other) }
            next = descriptor + 1
        }
        if let closeFrom {
            _ = closeFrom(&actions, next)
        } else {
            for other in listOpen() where other >= next { posix_spawn_file_actions_addclose(&actions, other) }
        }
    }

    private typealias CloseFrom =
        @convention(c) (UnsafeMutablePointer<posix_spawn_file_actions_t>, Int32) -> Int32

    /// Not declared where Swift looks, and missing in a C library older than 2.34.
    private static let closeFrom: CloseFrom? = dlsym(nil, "posix_spawn_file_actions_addclosefrom_np").map {
        unsafeBitCast($0, to: CloseFrom.self)
    }
}
