/// What is on purpose not as in zkCli. Each difference has a test of its own.
enum DeclaredDifferences {
    struct Difference: Sendable {
        var text: String
        var isUndoneByCompat = false
    }

    static let all: [Difference] = [
        .init(text: "create prints `Created PATH` on stdout, where scripts can read it.", isUndoneByCompat: true),
        .init(text: "stdout has no banner, no log lines and no events of watches.", isUndoneByCompat: true),
        .init(text: "The exit status tells what went wrong.", isUndoneByCompat: true),
        .init(text: "Unknown options and surplus operands are errors, not ignored."),
        .init(text: "delete PATH VERSION deletes only that version."),
        .init(text: "Letters that are no permission, and ACLs that are not valid, are errors: nothing is created."),
        .init(text: "help explains the commands."),
        .init(text: "Inside \"…\", \\\" and \\\\ are escapes; outside of quotes \\\\ is one backslash."),
        .init(text: "TAB and newline in piped data are kept."),
        .init(
            text: "Paths may be relative to the working znode, and may end with a slash.", isUndoneByCompat: true),
        .init(text: "A command that failed for some znodes does not exit with 0."),
        .init(text: "Bytes that are not UTF-8 are not replaced."),
        .init(
            text: "; && || | > >> < are operators when they stand alone, and @ before data names a file.",
            isUndoneByCompat: true),
        .init(text: "A word that begins with # where a command is expected is a comment.", isUndoneByCompat: true),
        .init(text: "A chroot that is missing is reported as such; --create-chroot makes it."),
        .init(text: "Ctrl-C does not end the shell."),
        .init(text: "Commands wait for the connection."),
    ]
}
