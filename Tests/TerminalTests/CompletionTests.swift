import Foundation
import Glibc
import Support
import Testing
import ZKCore

@Suite(.timeLimit(.minutes(2))) struct CompletionTests {
    private let scene: Scene

    init() async throws {
        scene = try await Scene(
            "/app=hello", "/app/one=1", "/with space=blank", "/tick's=tick", "/say \"hi\"=said", "/caf\u{e9}=drink",
            "/n2", "/n10")
    }

    private func complete(_ text: String, as expected: String) async throws -> Terminal {
        let terminal = try await scene.terminal()
        try await terminal.write(text)
        try await terminal.complete("completion \(expected)") { $0.currentLine == "/> \(expected)" }
        return terminal
    }

    @Test(arguments: [
        ("get /wi", #"get /with\ space"#, "blank"), ("get \"/wi", "get \"/with space\"", "blank"),
        ("get '/wi", "get '/with space'", "blank"), ("get /ti", "get /tick's", "tick"),
        ("get '/ti", "get \"/tick's\"", "tick"), ("get /sa", #"get /say\ "hi""#, "said"),
        (#"get /with\ "#, #"get /with\ space"#, "blank"), (#"get /with\ sp"#, #"get /with\ space"#, "blank"),
        ("get \"/with ", "get \"/with space\"", "blank"), ("get '/with sp", "get '/with space'", "blank"),
        ("get \"/sa", #"get "/say \"hi\"""#, "said"), ("get /ca", "get /caf\u{e9}", "drink"),
    ])
    func theCompletedNameIsTheZnode(typed: String, line: String, data: String) async throws {
        let terminal = try await complete(typed, as: line)
        terminal.type("\r")
        try await terminal.endsIn("/> \(line)", data, "/>")
    }

    @Test func aZnodeWithChildrenGetsASlash() async throws {
        let terminal = try await complete("get /ap", as: "get /app/")
        try await terminal.complete("its only child") { $0.currentLine == "/> get /app/one" }
        terminal.type("\r")
        try await terminal.endsIn("1", "/>")
    }

    @Test func severalAreListedByTheirNames() async throws {
        let terminal = try await scene.terminal()
        try await terminal.write("get /n")
        try await terminal.complete("list") { $0.lines == ["/> get /n", "n2   n10", "/> get /n"] }
    }

    @Test func commandsOptionsAndFiles() async throws {
        let terminal = try await complete("removew", as: "removewatches")
        terminal.type("\u{15}ls --hel\t")
        try await terminal.wait("option") { $0.currentLine == "/> ls --help" }
        try Data("from a file".utf8).write(to: terminal.home.url("data.txt"))
        terminal.type("\u{15}set /app @dat\t")
        try await terminal.wait("local file") { $0.currentLine == "/> set /app @data.txt" }
        terminal.type("\r")
        try await terminal.prompt()
        try await terminal.run("get /app")
        try await terminal.endsIn("from a file", "/>")
    }

    @Test func hostsComeFromTheHistory() async throws {
        let home = try TemporaryDirectory()
        try FileManager.default.createDirectory(
            atPath: home.path(".local/state/zoosh"), withIntermediateDirectories: true)
        try Data("#1\nconnect zk-one:2181,zk-two:2181/app\n".utf8).write(to: home.url(".local/state/zoosh/history"))
        let terminal = try await scene.terminal(home: home)
        terminal.type("connect zk-\t")
        try await terminal.wait("host") { $0.currentLine == "/> connect zk-one:2181,zk-two:2181/app" }
    }

    @Test func typingGoesOnWhenTheServerIsSilent() async throws {
        let server = try await ZooshServer.start()
        let terminal = try Terminal(server: server.connectString)
        try await terminal.prompt()
        #expect(kill(server.pid, SIGSTOP) == 0)
        let start = ContinuousClock.now
        terminal.type("get /a\tb")
        try await terminal.wait("line without a completion") { $0.currentLine == "/> get /ab" }
        #expect(ContinuousClock.now - start < .seconds(15))
        #expect(kill(server.pid, SIGCONT) == 0)
    }

    /// A thousand at most, and typing goes on.
    @Test func aLongListIsCut() async throws {
        for index in 0..<1_005 { try await scene.create("/app/m\(index)") }
        let terminal = try await scene.terminal(rows: 30, columns: 200)
        try await terminal.write("get /app/m")
        try await terminal.complete("long list") { $0.text.contains("(only the first 1000 are shown)") }
        try await terminal.wait("line as it was") { $0.currentLine == "/> get /app/m" }
    }
}
