internal import ZKClient
internal import ZKCore
internal import ZKText

/// The znodes that a word of the system shell's command line can be meant for.
enum ZnodeCandidates {
    /// For the connection, and for each of the two requests. Somebody waits at a prompt.
    static let deadline = Duration.milliseconds(700)
    private static let candidatesMax = 1_000

    /// The paths that begin with `prefix`. One that is alone and has children gets a slash at its end.
    static func matching(_ prefix: String, in session: ShellSession) async -> [String] {
        let cut = prefix.lastIndex(of: "/").map { prefix.index(after: $0) } ?? prefix.startIndex
        let directory = String(prefix[..<cut])
        guard let parent = try? PathResolver.resolve(directory.isEmpty ? "/" : directory, in: .root),
            let reader = try? await ShellContext(session: session, commandName: "").reader(),
            let names = try? await reader.getChildren(parent)
        else { return [] }
        let start = prefix[cut...].utf8
        let matching = NaturalOrder.sorted(
            names.filter { $0.utf8.starts(with: start) && TerminalText.isHarmless($0) })
        let paths = matching.prefix(candidatesMax).map { directory + $0 }
        guard matching.count == 1, let stat = try? await reader.exists(parent.appending(matching[0])),
            stat.numChildren > 0
        else { return paths }
        return [paths[0] + "/"]
    }
}
