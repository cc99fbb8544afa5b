internal import ShellLanguage
internal import ZKCore

/// Says which of several znodes a piece of the output is about, as head(1) does.
struct LabelOptions: ParsableArguments {
    @Flag(help: "Name each znode above what is printed for it, as is done at a terminal when there are several.")
    var label = false

    /// Runs `body` for each of `paths`, whose output is labelled: what goes to a pipe only on demand, since its bytes
    /// are a promise.
    func forEach(
        _ paths: [ZnodePath], in shell: ShellContext, _ body: (ZnodePath) async throws -> Void
    ) async throws {
        let isAutomatic = paths.count > 1 && shell.output.isTerminal && !shell.options.isCompatible
        guard label || isAutomatic, shell.options.output == .plain || shell.options.output == .table else {
            return try await shell.forEach(paths, body)
        }
        var isFirst = true
        try await shell.forEach(paths) { path in
            try shell.output.writeLine("\(isFirst ? "" : "\n")==> \(path) <==")
            isFirst = false
            try await body(path)
        }
    }
}
