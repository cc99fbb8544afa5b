internal import ShellLanguage
internal import ZKClient
internal import ZKText

struct FourLetterWordCommand: ShellCommand {
    /// The words that are commands of their own; `stat` is a command of zkCli, so its word is `stat4`.
    private static let words = [
        "ruok", "srvr", "mntr", "conf", "cons", "dump", "envi", "wchs", "wchc", "wchp", "dirs", "isro", "hash", "gtmk",
    ]

    static let declaration = CommandDeclaration(
        name: "4lw", group: .server, abstract: "Ask servers by a four-letter word.",
        discussion: """
            Works without a session. Without HOST every server of the connect string is asked; a line with its name
            goes before the answer of each when there are several. A server answers only the words that
            4lw.commands.whitelist in its zoo.cfg allows, or --4lw of zoosh.
            """,
        aliases: words.map { .init($0, adding: [$0]) } + [.init("stat4", adding: ["stat"])],
        examples: [
            .init("ruok", "is each server alive?"), .init("mntr zk1:2181", "the metrics of one server"),
            .init("4lw icfg", "any other word"),
        ],
        exitStatuses: [
            .init(.connection, "a server does not answer"), .init(.refused, "a server does not allow the word"),
            .init(.partialFailure, "some of several servers gave no answer"),
        ])

    @Option(help: ArgumentHelp("How long a server may take to answer. Default: 3s.", valueName: "dur"))
    var timeout: DurationOperand?

    @Argument(help: "Four letters.")
    var word: String

    @Argument(help: "host:port; every server of the connect string if left out.", completion: .host)
    var host: [String] = []

    func run(in shell: ShellContext) async throws {
        guard word.utf8.count == 4, word.utf8.allSatisfy({ (0x21...0x7E).contains($0) }) else {
            throw UsageError("\(word) is not a word of four letters")
        }
        let endpoints = try shell.endpoints(host)
        let answers = await ask(endpoints, within: timeout?.duration ?? shell.options.probeTimeout)
        try Task.checkCancellation()
        if endpoints.count == 1 {
            return try shell.emit(try await result(answers[0], of: endpoints[0], hasTitle: false, in: shell))
        }
        var failures = 0
        for (endpoint, answer) in zip(endpoints, answers) {
            do throws(ShellError) {
                try shell.emit(try await result(answer, of: endpoint, hasTitle: true, in: shell))
            } catch {
                guard error.status == .connection || error.status == .refused else { throw error }
                shell.report(error)
                failures += 1
            }
        }
        if failures > 0 {
            throw ShellError(.partialFailure, "no answer from \(failures) of \(endpoints.count) servers")
        }
    }

    /// The answers in the order of `endpoints`; all are asked at once.
    private func ask(
        _ endpoints: [StatusProbe.Endpoint], within limit: Duration
    ) async -> [Result<String, any Error>] {
        let word = word
        return await withTaskGroup(of: (Int, Result<String, any Error>).self) { group in
            for (index, endpoint) in endpoints.enumerated() {
                group.addTask {
                    do {
                        let text = try await FourLetterWord.ask(
                            word, host: endpoint.host, port: endpoint.port, timeout: limit)
                        return (index, .success(text))
                    } catch {
                        return (index, .failure(error))
                    }
                }
            }
            var answers: [(Int, Result<String, any Error>)] = []
            for await answer in group { answers.append(answer) }
            return answers.sorted { $0.0 < $1.0 }.map(\.1)
        }
    }

    private static func withoutLastNewlines(_ text: String) -> String {
        var text = text[...]
        while let last = text.last, last.isNewline { text.removeLast() }
        return String(text)
    }

    private func result(
        _ answer: Result<String, any Error>, of endpoint: StatusProbe.Endpoint, hasTitle: Bool, in shell: ShellContext
    ) async throws(ShellError) -> WordAnswerResult {
        switch answer {
        case .failure(let error):
            throw ShellError(.connection, "\(endpoint.description): \(error)")
        case .success(let text) where FourLetterReport.isRefusal(text):
            guard !text.isEmpty else {
                throw ShellError(
                    .refused,
                    "\(endpoint.description): no answer to \(word): the server does not know it, or has closed the "
                        + "connection")
            }
            let remedy = await FourLetterReport.remedy(
                forWords: [word], of: endpoint, timeout: shell.options.probeTimeout)
            throw ShellError(.refused, "\(endpoint.description): \(word) is not allowed; \(remedy)")
        case .success(let text):
            return WordAnswerResult(
                endpoint: endpoint.description, word: word, text: Self.withoutLastNewlines(text), hasTitle: hasTitle)
        }
    }
}

/// What one server said to a four-letter word.
struct WordAnswerResult: ShellResult {
    var endpoint: String
    var word: String
    var text: String
    var hasTitle: Bool

    var json: JSONValue {
        .members([
            "server": .string(endpoint), "word": .string(word), "text": .string(text), "values": values,
        ])
    }

    /// The lines `key<TAB>value` of `mntr` and `key=value` of `conf` and `envi` as members, numbers as numbers.
    private var values: JSONValue? {
        let separator: Character
        switch word {
        case "mntr": separator = "\t"
        case "conf", "envi": separator = "="
        default: return nil
        }
        return .object(
            text.split(whereSeparator: \.isNewline).compactMap { line in
                guard let end = line.firstIndex(of: separator) else { return nil }
                let value = String(line[line.index(after: end)...])
                return JSONValue.Member(
                    name: String(line[..<end]),
                    value: Int64(value).map { .int($0) } ?? Double(value).map { .double($0) } ?? .string(value))
            })
    }

    func writePlain(to output: Output) throws(ShellError) {
        if hasTitle {
            try output.write("== \(endpoint)", style: .bold)
            try output.writeLine()
        }
        try output.writeLine(text)
    }
}
