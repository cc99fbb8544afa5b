internal import ShellLanguage
public import ZKClient
public import ZKCore
internal import ZKText

/// What a command works with: its input and output, the connection, and the options that are in force for it.
public struct ShellContext: Sendable {
    public let session: ShellSession
    public private(set) var options: ShellOptions
    /// stdout, a file or a pipe.
    public let output: Output
    public let input: any InputSource
    /// The name that the command was called by.
    public let commandName: String
    /// Whether the input is a file, a here-document or the like, and not that of the shell.
    public let hasOwnInput: Bool
    /// Where in a batch file the command stands.
    public let location: SourceLocation?
    /// stderr, or what keeps its lines until their turn has come.
    let diagnostics: Diagnostics
    /// The client that the command uses, connected or not; nil for the connected one of the session.
    private let pinnedClient: ZooKeeperClient?
    /// What asks for the data of a znode for the command; nil for the client.
    var pinnedReads: SharedReads?
    /// What writes for the command; nil for the client.
    var pinnedWrites: SharedWrites?

    public init(
        session: ShellSession, output: Output? = nil, input: (any InputSource)? = nil, commandName: String,
        location: SourceLocation? = nil
    ) {
        self.session = session
        options = session.options
        self.output = output ?? session.output
        self.input = input ?? session.input
        hasOwnInput = input != nil
        self.commandName = commandName
        self.location = location
        diagnostics = session.diagnostics
        pinnedClient = nil
    }

    /// For a command that runs while others before it are not answered yet.
    init(pipelinedIn session: ShellSession, client: ZooKeeperClient, commandName: String, location: SourceLocation?) {
        self.session = session
        options = session.options
        output = Output(inMemoryLike: session.output)
        input = session.input
        hasOwnInput = false
        self.commandName = commandName
        self.location = location
        diagnostics = .memory()
        // Waiting for a connection would let the commands overtake each other; the client queues them in order.
        pinnedClient = client
    }

    /// Takes the format that stands behind the command.
    ///
    /// - Parameter given: what ``MatchedArguments/outer`` holds.
    mutating func takeOutputFormat(_ given: [(argument: Int, word: Word)]) throws(UsageError) {
        let schema = CommandSchema.of(GlobalOptions.self)
        for (argument, word) in given {
            let isFlag = schema.arguments[argument].kind == .flag
            options.output = isFlag ? .json : try ShellOptions.OutputFormat(word: word)
        }
    }

    // MARK: Server

    /// The connected client, for commands that need a live server.
    ///
    /// - Throws: ``ShellError`` when no server is reached; 10 when the shell looks at files.
    public func client() async throws -> ZooKeeperClient {
        if let pinnedClient { return pinnedClient }
        try refuseOffline()
        return try await session.connection.client()
    }

    /// What commands that only read should read from.
    public func reader() async throws -> any ZnodeReader {
        if let replica = try offlineReplica() { return OfflineReader(replica: replica) }
        return try await client()
    }

    /// The data and the stat of a znode, read together with others where the context says so.
    func getData(_ path: ZnodePath) async throws -> (data: [UInt8]?, stat: Stat) {
        if let pinnedReads { return try await pinnedReads.getData(path) }
        return try await reader().getData(path)
    }

    /// Makes one change, together with others where the context says so.
    func perform(_ op: MultiOp) async throws -> MultiResult {
        if let pinnedWrites { return try await pinnedWrites.perform(op) }
        return try await client().perform(op)
    }

    // MARK: Paths

    public var workingPath: ZnodePath { session.workingPath }

    /// - Parameter operand: nil for the working znode.
    /// - Parameter isSequential: the server appends digits, so a slash at the end means something.
    public func resolve(_ operand: PathOperand?, isSequential: Bool = false) throws(ShellError) -> ZnodePath {
        guard let operand else { return workingPath }
        let text = operand.word.text
        if options.isCompatible, let mistake = CompatibleMessage.mistake(inPath: text, isSequential: isSequential) {
            throw .usage(mistake)
        }
        return try PathResolver.resolve(text, in: workingPath, keepsTrailingSlash: isSequential)
    }

    /// The paths that `operands` stand for, globs expanded. One that is itself the path of a znode stands for that znode:
    /// names may have stars in them, and they come from lists, and from scripts that know nothing of globs.
    ///
    /// - Throws: ``ShellError`` 4 when a glob matches nothing.
    public func expand(_ operands: [PathOperand]) async throws -> [ZnodePath] {
        var paths: [ZnodePath] = []
        for operand in operands {
            guard options.expandsGlobs, !options.isCompatible, let glob = GlobExpansion(operand.word, in: workingPath)
            else {
                paths.append(try resolve(operand))
                continue
            }
            if let path = try? resolve(operand), try await reader().exists(path) != nil {
                paths.append(path)
                continue
            }
            let found = try await glob.paths(on: reader())
            guard !found.isEmpty || options.acceptsEmptyGlobs else {
                throw ShellError(.noNode, "\(operand.word.text): no node matches")
            }
            paths += found
        }
        return paths
    }

    /// Runs `body` for each of the paths that `operands` stand for. With several paths a failure of one is reported and
    /// the others still run.
    ///
    /// - Throws: with one path its error, with several ``ShellError`` 9 when some failed.
    public func forEach(
        _ operands: [PathOperand], _ body: (ZnodePath) async throws -> Void
    ) async throws {
        try await forEach(try await expand(operands), body)
    }

    func forEach(_ paths: [ZnodePath], _ body: (ZnodePath) async throws -> Void) async throws {
        if paths.count == 1 { return try await body(paths[0]) }
        if paths.isEmpty { return }
        var failures = 0
        for path in paths {
            do {
                try await body(path)
            } catch {
                let error = ShellError(error)
                guard error.status != .interrupted, error.status != .connection, error.status != .brokenPipe,
                    error.status != .localIO
                else { throw error }
                report(await suggesting(error))
                failures += 1
            }
        }
        if failures > 0 {
            throw ShellError(.partialFailure, "failed for \(failures) of \(paths.count) paths")
        }
    }

    // MARK: Output

    /// Prints `result` in the output format in force.
    public func emit(_ result: some ShellResult) throws(ShellError) {
        // What a pipelined command has to say is kept until its turn.
        if diagnostics === session.diagnostics { session.watchNotices.drain() }
        if options.isCompatible, options.output == .plain, let created = result as? CreatedResult,
            !created.printsNameOnly
        {
            return diagnostics.writeLine("Created \(created.path)")
        }
        switch options.output {
        case .plain: try result.writePlain(to: output)
        case .raw: try result.writeRaw(to: output)
        case .table: try result.writeTable(to: output)
        case .json:
            var bytes = result.json.serialized
            bytes.append(.newline)
            try output.write(bytes)
        }
    }

    /// Says what a write command would do, for `--dry-run`.
    func wouldDo(_ what: String, _ change: DryRun.Change = .others) throws(ShellError) {
        session.noteDryRun(change)
        if options.output == .json {
            try emit(
                DoneResult(details: [.init(name: "dryRun", value: true), .init(name: "would", value: .string(what))]))
        } else {
            try output.writeLine("would \(what)")
        }
    }

    /// Says on stderr what the user should know although the command goes on.
    public func warn(_ message: String) {
        diagnostics.writeLine(prefix + "warning: " + message)
    }

    /// Says on stderr what the user may like to know; not with `--quiet`.
    public func note(_ message: String) {
        if !options.isQuiet { diagnostics.writeLine(message) }
    }

    /// Writes an error to stderr, after what stands in the output.
    public func report(_ error: ShellError) {
        // A broken output is noticed when the command ends.
        try? output.flush()
        guard !error.isSilent else { return }
        if options.output == .json {
            diagnostics.writeLine(String(decoding: json(of: error).serialized, as: UTF8.self))
        } else if options.isCompatible {
            let text = CompatibleMessage.text(of: error, command: commandName)
            for line in text.split(separator: "\n") { diagnostics.writeLine(String(line)) }
        } else {
            diagnostics.writeLine(prefix + error.message)
        }
    }

    private var prefix: String {
        "zoosh: " + (location.map { "\($0): " } ?? "") + (commandName.isEmpty ? "" : "\(commandName): ")
    }

    private func json(of error: ShellError) -> JSONValue {
        .members([
            "error": .members([
                "code": error.code.map { .int(Int64($0.rawValue)) } ?? .null,
                "name": error.code.map { .string("\($0)") } ?? .null,
                "message": .string(error.message),
                "path": error.path.map { .string($0.string) } ?? .null,
                "status": .int(Int64(error.status.rawValue)),
                "command": .string(commandName),
                "location": location.map { .string("\($0)") },
            ])
        ])
    }

    // MARK: Questions

    /// Asks before something is destroyed. Without a terminal to ask on the answer is yes.
    ///
    /// - Parameter needsWord: the answer must be the whole word `yes`.
    /// - Throws: ``ShellError`` 2 with `--no-input`.
    public func confirm(_ question: String, needsWord: Bool = false) async throws -> Bool {
        if options.assumesYes { return true }
        if options.neverPrompts { throw ShellError.usage("\(question) needs an answer: run it with --yes") }
        guard session.input.isTerminal else { return true }
        try output.flush()
        let choices = needsWord ? "type yes to go on" : "y/N"
        let answer = try await session.input.ask("\(question) [\(choices)] ", echo: true) ?? ""
        let word = answer.trimmingBlanks().lowercased()
        return needsWord ? word == "yes" : word == "y" || word == "yes"
    }
}

/// A line of a batch file.
public struct SourceLocation: Hashable, Sendable, CustomStringConvertible {
    public var file: String
    public var line: Int

    public init(file: String, line: Int) {
        self.file = file
        self.line = line
    }

    public var description: String { "\(file):\(line)" }
}

extension String {
    func trimmingBlanks() -> String {
        var text = self[...]
        while let first = text.first, first.isWhitespace { text.removeFirst() }
        while let last = text.last, last.isWhitespace { text.removeLast() }
        return String(text)
    }
}
