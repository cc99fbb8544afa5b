internal import ShellLanguage
internal import ZKCore
internal import ZKText

struct PushPathCommand: ShellCommand {
    static let declaration = CommandDeclaration(
        name: "pushd", group: .shell, abstract: "Change the working znode and remember the present one.",
        examples: [
            .init("pushd /app", "popd goes back"), .init("pushd", "change places with the last one remembered"),
        ],
        exitStatuses: [.init(.noNode, "the znode does not exist")])

    @Argument(help: "The znode; the one remembered last if left out.")
    var path: PathOperand?

    func run(in shell: ShellContext) async throws {
        let session = shell.session
        let target: ZnodePath
        if let path {
            target = try shell.resolve(path)
        } else {
            guard let last = session.pathStack.first else { throw UsageError("no znode is remembered; pushd PATH") }
            target = last
        }
        try await shell.checkExists(target)
        if path == nil { session.pathStack.removeFirst() }
        session.pathStack.insert(session.workingPath, at: 0)
        session.changeWorkingPath(to: target)
        try shell.emitPathStack()
    }
}

struct PopPathCommand: ShellCommand {
    static let declaration = CommandDeclaration(
        name: "popd", group: .shell, abstract: "Go back to the znode that pushd has remembered.",
        examples: [
            .init("popd", "back to where the last pushd was given"),
            .init("pushd /app ; ls ; popd", "look elsewhere and come back"),
        ],
        exitStatuses: [.init(.noNode, "the znode does not exist any more")])

    func run(in shell: ShellContext) async throws {
        guard let target = shell.session.pathStack.first else {
            throw UsageError("no znode is remembered; pushd does that")
        }
        try await shell.checkExists(target)
        shell.session.pathStack.removeFirst()
        shell.session.changeWorkingPath(to: target)
        try shell.emitPathStack()
    }
}

extension ShellContext {
    /// - Throws: ``ShellError`` 4 when there is no znode `path`.
    func checkExists(_ path: ZnodePath) async throws {
        guard try await reader().exists(path) != nil else {
            throw ShellError(.noNode, "\(path): node does not exist", code: .noNode, path: path)
        }
    }

    /// The working znode and those that are remembered, as other shells print them.
    fileprivate func emitPathStack() throws(ShellError) {
        let paths = [session.workingPath] + session.pathStack
        try emit(
            TextResult(
                paths.map(\.string).joined(separator: " "),
                json: .members(["paths": .array(paths.map { JSONValue($0) })])))
    }
}
