internal import ShellLanguage
internal import ZKCore
internal import ZKRecipes
internal import ZKText

struct QueueCommand: ShellCommand {
    static let declaration = CommandDeclaration(
        name: "queue", group: .transactions, abstract: "Put elements into a queue, and take them.",
        discussion: """
            push appends its operands, one element each. pop takes the first element and prints it; first only prints
            it. len prints how many there are. The layout is that of Curator's SimpleDistributedQueue.
            An element is taken once; it is lost when its taker dies before it is done with it. Ctrl-C and --timeout lose
            none. When the answer to its deletion is lost, pop prints it, says so, and exits with 3: another may have
            taken it as well.
            """,
        examples: [
            .init("queue /jobs push a b @job.json", "two short elements and a file"),
            .init("queue /jobs pop --wait", "the next one, as soon as there is one"),
            .init("queue /jobs len", "how many wait"),
        ],
        exitStatuses: [
            .init(.failure, "pop, first: the queue is empty"), .init(.timeout, "pop --timeout: nothing came in time"),
            .init(.connection, "pop: whether the element that was printed was taken by another is not known"),
        ],
        writes: true)

    enum Action: String, CaseIterable, ShellValue {
        case push
        case pop
        case first
        case len
    }

    @Flag(name: .shortAndLong, help: "pop: wait for an element.")
    var wait = false

    @Option(help: ArgumentHelp("pop: wait for an element, but no longer.", valueName: "dur"))
    var timeout: DurationOperand?

    @OptionGroup var dataOptions: DataOptions

    @Argument(help: "The queue; its znode is created when missing.")
    var path: PathOperand

    @Argument(help: "What to do.")
    var action: Action

    @Argument(help: "push: the elements: text, @FILE, or @- for stdin.")
    var elements: [DataOperand] = []

    func validate() throws {
        if action != .push, !elements.isEmpty { throw UsageError("\(action.rawValue) takes no element") }
        if action != .pop, wait || timeout != nil { throw UsageError("--wait and --timeout are for pop") }
    }

    func run(in shell: ShellContext) async throws {
        let path = try shell.resolve(path)
        if action == .push { return try await push(to: path, in: shell) }
        if action == .pop, shell.options.isDryRun { return try shell.wouldDo("take the first element of \(path)") }
        let queue = DistributedQueue(try await shell.client(), path: path)
        switch action {
        case .len:
            let count = try await queue.count()
            try shell.emit(
                TextResult("\(count)", json: .members(["path": JSONValue(path), "count": .int(Int64(count))])))
        case .first:
            try show(try await queue.first(), of: path, in: shell)
        case .pop, .push:
            try await pop(queue, in: shell)
        }
    }

    private func pop(_ queue: DistributedQueue, in shell: ShellContext) async throws {
        let isWaiting = wait || timeout != nil
        do {
            let element = isWaiting ? try await queue.pop(timeout: timeout?.duration) : try await queue.popNow()
            if isWaiting, element == nil {
                throw ShellError(.timeout, "\(queue.path): nothing came in time", path: queue.path)
            }
            try show(element, of: queue.path, in: shell)
        } catch let error as RecipeError {
            // It may have gone from the queue for ever.
            if case .perhapsTaken(_, let data) = error { try show(data, of: queue.path, in: shell) }
            throw error
        }
    }

    private func push(to path: ZnodePath, in shell: ShellContext) async throws {
        var data: [[UInt8]] = []
        for element in elements { data.append(try await dataOptions.bytes(element, in: shell) ?? []) }
        if elements.isEmpty {
            guard let bytes = try await dataOptions.bytes(nil, in: shell) else {
                throw UsageError("push needs an element: text, @FILE, @- or --data-file FILE")
            }
            data.append(bytes)
        }
        if shell.options.isDryRun { return try shell.wouldDo("append \(data.count) elements to \(path)") }
        let queue = DistributedQueue(try await shell.client(), path: path)
        for element in data { try await queue.push(element) }
        if shell.options.output == .json { try shell.emit(DoneResult(path: path)) }
    }

    private func show(_ element: [UInt8]?, of path: ZnodePath, in shell: ShellContext) throws {
        guard let element else { throw ShellError(.failure, "\(path): the queue is empty", path: path) }
        try shell.emit(ElementResult(path: path, data: element))
    }
}

/// An element of a queue.
private struct ElementResult: ShellResult {
    var path: ZnodePath
    var data: [UInt8]

    var json: JSONValue {
        .object([JSONValue.Member(name: "path", value: JSONValue(path))] + JSONValue.dataMembers(data))
    }

    func writePlain(to output: Output) throws(ShellError) {
        try output.write(data)
        try output.writeLine()
    }

    func writeRaw(to output: Output) throws(ShellError) {
        try output.write(data)
    }
}
