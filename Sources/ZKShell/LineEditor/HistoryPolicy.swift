/// What the history file keeps.
enum HistoryPolicy {
    static let entriesMax = 10_000

    private static let secretCommands: Set<String> = ["addauth", "auth", "digest"]

    /// Lines that carry secrets stay out, as do those that begin with a blank, and repetitions.
    static func keeps(_ line: String, previous: String?) -> Bool {
        guard let first = line.first, first != " ", first != "\t", line != previous else { return false }
        return !hasSecret(line)
    }

    /// A command that takes a password may stand anywhere in the line; an ACL of scheme digest has a hash in it.
    private static func hasSecret(_ line: String) -> Bool {
        let words = line.split { $0 == " " || $0 == "\t" || $0.isNewline }
        var startsCommand = true
        var command = Substring()
        for word in words {
            if startsCommand {
                command = word
                if secretCommands.contains(String(word)) { return true }
                // Those that run another command.
                startsCommand = ["time", "try", "repeat"].contains(word)
                continue
            }
            if [";", "&&", "||"].contains(word) { startsCommand = true }
            if command.lowercased() == "setacl" || command == "create", word.contains("digest:") { return true }
            if word.hasPrefix("--sasl-password") || word.hasPrefix("--auth") { return true }
        }
        return false
    }
}
