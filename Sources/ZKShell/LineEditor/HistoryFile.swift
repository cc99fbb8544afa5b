internal import Glibc

/// The history on disk: one `#time` line and the command for each entry, as readline reads it.
///
/// Entries are only appended, each in one write, so that several shells can use the file at once.
struct HistoryFile {
    let path: String

    /// `$ZOOSH_HISTORY`, or `zoosh/history` under `$XDG_STATE_HOME`.
    static func path(environment: (String) -> String?) -> String? {
        if let path = environment("ZOOSH_HISTORY"), !path.isEmpty { return path }
        if let state = environment("XDG_STATE_HOME"), !state.isEmpty { return "\(state)/zoosh/history" }
        return environment("HOME").map { "\($0)/.local/state/zoosh/history" }
    }

    /// Makes the file when it is missing, for its owner alone.
    ///
    /// - Throws: ``ShellError`` 74.
    func prepare() throws(ShellError) {
        for directory in Self.parents(of: path) {
            if mkdir(directory, 0o700) != 0, errno != EEXIST, errno != EISDIR, errno != EROFS {
                throw failure("create")
            }
        }
        // One that is there keeps its mode: it may be a device, or shared on purpose.
        let descriptor = open(path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { throw failure("open") }
        close(descriptor)
    }

    /// The directories that lead to `path`, from the outermost on; of a relative path those below the working directory.
    static func parents(of path: String) -> [String] {
        var directories: [String] = []
        for component in path.split(separator: "/").dropLast() {
            let isFirst = directories.isEmpty
            let parent = directories.last ?? ""
            directories.append(parent + (isFirst && !path.hasPrefix("/") ? "" : "/") + component)
        }
        return directories
    }

    /// - Throws: ``ShellError`` 74.
    func append(_ line: String) throws(ShellError) {
        let descriptor = open(path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { throw failure("open") }
        defer { close(descriptor) }
        try Output.writeAll(Array("#\(time(nil))\n\(line)\n".utf8), to: descriptor)
    }

    /// Empties the file.
    ///
    /// - Throws: ``ShellError`` 74.
    func clear() throws(ShellError) {
        guard truncate(path, 0) == 0 else { throw failure("empty") }
    }

    private func failure(_ verb: String) -> ShellError {
        ShellError(
            .localIO, "cannot \(verb) the history file \(path): \(systemErrorText(errno)); --no-history does without")
    }
}
