internal import ShellLanguage
internal import ZKClient
internal import ZKCore
internal import ZKText

struct ArmedWatchesCommand: ShellCommand {
    static let declaration = CommandDeclaration(
        name: "watches", group: .watches, abstract: "List the watches that this session has armed.",
        discussion: "Those of ls -w, get -w, stat -w, config -w and addWatch. removewatches disarms them.",
        examples: [
            .init("watches", "a table of kinds and paths"),
            .init("addWatch /app ; watches", "one that was just armed is among them"),
        ])

    func run(in shell: ShellContext) async throws {
        try shell.emit(ArmedWatchesResult(watches: try await shell.client().armedWatches))
    }
}

private struct ArmedWatchesResult: ShellResult {
    var watches: [ArmedWatch]

    var json: JSONValue {
        .members([
            "watches": .array(
                watches.map { .members(["path": JSONValue($0.path), "kind": .string($0.kind.text)]) })
        ])
    }

    func writePlain(to output: Output) throws(ShellError) {
        guard !watches.isEmpty else { return }
        var table = Table(columns: [.init("KIND"), .init("PATH")])
        for watch in watches { table.add([watch.kind.text, watch.path.string]) }
        try table.write(to: output)
    }
}

extension ArmedWatch.Kind {
    fileprivate var text: String {
        switch self {
        case .data: "data"
        case .exist: "exist"
        case .children: "children"
        case .persistent: "persistent"
        case .persistentRecursive: "persistent-recursive"
        }
    }
}
