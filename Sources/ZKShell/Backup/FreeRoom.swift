internal import Glibc

/// The room of a file system.
enum FreeRoom {
    /// - Throws: ``ShellError`` 74 when there is less than `bytes` for what is written to `directory`.
    static func check(for bytes: Int64, in directory: String) throws(ShellError) {
        var information = statvfs()
        // Where that cannot be known, the write tells.
        guard statvfs(directory, &information) == 0 else { return }
        let free = Int64(clamping: UInt64(information.f_bavail)).multipliedReportingOverflow(
            by: Int64(information.f_frsize))
        guard free.overflow || free.partialValue >= bytes else {
            throw ShellError(
                .localIO, "\(directory): there is room for \(free.partialValue) bytes, and about \(bytes) are needed")
        }
    }
}

extension String {
    /// The directory of a path.
    var parentDirectory: String {
        let parts = split(separator: "/", omittingEmptySubsequences: false)
        if parts.count < 2 { return "." }
        let parent = parts.dropLast().joined(separator: "/")
        return parent.isEmpty ? "/" : parent
    }
}
