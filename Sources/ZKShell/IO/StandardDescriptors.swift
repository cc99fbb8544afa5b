import Glibc

/// The descriptors 0, 1 and 2, which may be closed when the shell starts (`<&-`).
public enum StandardDescriptors {
    /// Puts the null device in the place of those that are missing, so that no pipe or connection of the shell's own takes
    /// it. Stdin is then empty. Stdout cannot be written to, which a command that prints reports as always: what it says
    /// does not get lost in silence.
    ///
    /// Called before anything else is opened.
    public static func openMissing() {
        let modes = [(STDIN_FILENO, O_RDONLY), (STDOUT_FILENO, O_RDONLY), (STDERR_FILENO, O_WRONLY)]
        for (descriptor, mode) in modes where fcntl(descriptor, F_GETFD) < 0 && errno == EBADF {
            let opened = open("/dev/null", mode)
            // The lowest number is given, so it is this one.
            if opened > descriptor { Glibc.close(opened) }
        }
    }
}
