internal import ShellLanguage
internal import ZKClient
internal import ZKText

struct AdminCommand: ShellCommand {
    static let declaration = CommandDeclaration(
        name: "admin", group: .server, abstract: "Ask the admin server of a server over HTTP.",
        discussion: "Prints the JSON that GET /commands/COMMAND gives. Works without a session.",
        examples: [
            .init("admin stats", "the first server of the connect string, port 8080"),
            .init("admin monitor --url http://zk1:9090", "another server and port"),
        ],
        exitStatuses: [
            .init(.connection, "the admin server does not answer"),
            .init(.failure, "it reports an error, such as an unknown command"),
        ])

    @Option(help: ArgumentHelp("Where it is; the path is /commands if left out.", valueName: "url"))
    var url: String?

    @Option(help: ArgumentHelp("How long it may take to answer. Default: 3s.", valueName: "dur"))
    var timeout: DurationOperand?

    @Argument(help: "Its command, such as stats, monitor, connections, configuration, ruok.")
    var command: String

    func run(in shell: ShellContext) async throws {
        let target: AdminURL
        if let url {
            target = try AdminURL(url)
        } else {
            let endpoint = try shell.endpoints()[0]
            target = AdminURL(host: endpoint.host, port: AdminServer.defaultPort)
        }
        guard command.utf8.allSatisfy({ (0x21...0x7E).contains($0) }) else {
            throw UsageError("\(TerminalText.escaped(command)) is not a command of an admin server")
        }
        let bytes: [UInt8]
        do {
            bytes = try await AdminServer.get(
                command, host: target.host, port: target.port, path: target.path,
                timeout: timeout?.duration ?? shell.options.probeTimeout)
        } catch let error as ServerQuestionError {
            throw ShellError(.connection, "\(target): \(error)")
        }
        guard let json = try? JSONValue(parsing: bytes) else {
            throw ShellError(.failure, "\(target): the answer is not JSON")
        }
        try shell.emit(AdminResult(json: json, text: String(decoding: bytes, as: UTF8.self).trimmingBlanks()))
        if let message = json["error"]?.stringValue { throw ShellError(.failure, "\(target): \(message)") }
    }
}

/// The answer of an admin server: plain as it came, laid out for people.
struct AdminResult: ShellResult {
    var json: JSONValue
    var text: String

    func writePlain(to output: Output) throws(ShellError) { try output.writeLine(text) }
}

/// `http://host[:port][/path]`
struct AdminURL: CustomStringConvertible {
    var host: String
    var port: Int
    var path = "/commands"

    init(host: String, port: Int) {
        self.host = host
        self.port = port
    }

    /// - Throws: ``UsageError`` for anything but HTTP.
    init(_ text: String) throws(UsageError) {
        var rest = text[...]
        if rest.hasPrefix("http://") {
            rest = rest.dropFirst("http://".count)
        } else if rest.contains("://") {
            throw UsageError("--url: \(text) is not an http:// URL")
        }
        let authority = rest.prefix { $0 != "/" }
        let path = rest[authority.endIndex...]
        if path.count > 1 { self.path = String(path.last == "/" ? path.dropLast() : path) }
        let isPortless = authority.hasSuffix("]") || !authority.contains(":")
        let full = isPortless ? "\(authority):\(AdminServer.defaultPort)" : String(authority)
        guard let endpoint = StatusProbe.Endpoint(parsing: full), !endpoint.host.isEmpty,
            (1...65535).contains(endpoint.port),
            text.utf8.allSatisfy({ (0x21...0x7E).contains($0) })
        else { throw UsageError("--url: \(text) is not http://host:port") }
        host = endpoint.host
        port = endpoint.port
    }

    var description: String {
        "http://\(StatusProbe.Endpoint(host: host, port: port).description)\(path)"
    }
}
