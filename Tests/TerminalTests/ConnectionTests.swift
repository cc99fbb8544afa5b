import Support
import Testing
import ZKClient
import ZKCore
import ZKServer

/// The server goes away and comes back while somebody types.
@Suite(.timeLimit(.minutes(2))) struct ConnectionTests {
    private func configuration(port: Int, directory: String? = nil) -> ServerConfiguration {
        var configuration = ServerConfiguration()
        configuration.port = port
        configuration.dataDirectory = directory
        configuration.preallocationBytes = 1 << 16
        return configuration
    }

    @Test func thePromptTellsWhenTheServerIsGone() async throws {
        let files = try TemporaryDirectory()
        let port = Int(try Loopback.freePort())
        let first = try await EmbeddedServer.start(configuration(port: port, directory: files.path))
        let terminal = try Terminal(server: "127.0.0.1:\(port)")
        try await terminal.prompt()
        try await terminal.run("create -e /mine x")
        try await terminal.run("addWatch /")
        try await terminal.write("get /mi")
        try await first.shutdown()
        try await terminal.wait("state in the prompt") { $0.currentLine == "(CONNECTING) /> get /mi" }
        try await terminal.contains("connection lost")
        let second = try await EmbeddedServer.start(configuration(port: port, directory: files.path))
        try await terminal.wait("line as it was") { $0.currentLine == "/> get /mi" }
        try await terminal.contains("same session")
        try await terminal.contains("changes meanwhile may have been missed")
        terminal.type("ne\r")
        try await terminal.endsIn("/> get /mine", "x", "/>")
        try await second.shutdown()
    }

    @Test func aServerThatIsNotThereIsNamed() async throws {
        let port = try Loopback.freePort()
        let terminal = try Terminal(server: "127.0.0.1:\(port)")
        try await terminal.prompt("(CONNECTING) />")
        #expect(terminal.screen.lines.first == "no connection yet (127.0.0.1:\(port): connection refused); trying on")
        let server = try await EmbeddedServer.start(configuration(port: Int(port)))
        try await terminal.prompt()
        try await server.shutdown()
    }

    @Test func aNewSessionFollowsAnExpiredOne() async throws {
        var configuration = ServerConfiguration()
        configuration.tickMillis = 500
        let server = try await EmbeddedServer.start(configuration)
        let observer = ZooKeeperClient(
            configuration: ClientConfiguration(connectString: try ConnectString("127.0.0.1:\(server.port)")))
        let proxy = try await TCPProxy.start(to: server.port)
        let terminal = try Terminal(server: proxy.connectString, ["--timeout", "1000"])
        try await terminal.prompt()
        try await terminal.run("create /app x")
        try await terminal.run("create -e /app/mine x")
        try await terminal.run("create -e /app/other x")
        try await terminal.run("delete /app/other")
        try await terminal.run("addWatch /app")
        try await terminal.run("get -w /app")
        try await terminal.run("cd /app", prompt: "/app>")
        await proxy.block()
        try await eventually("end of the session") { try await observer.exists("/app/mine") == nil }
        try await terminal.write("get")
        proxy.open()
        // Whether the client or the server ends it first, nobody can say.
        try await terminal.contains("; starting a new one")
        try await terminal.contains("new session 0x")
        try await terminal.contains("watches armed again: /app\n")
        try await terminal.wait("line as it was") { $0.currentLine == "/app> get" }
        let text = terminal.screen.text
        #expect(text.contains("ephemeral znodes ") && text.contains(": /app/mine\n"))
        #expect(text.contains("watches lost: /app (data)\n"))
        try await observer.create("/app/y")
        try await terminal.contains("event: NodeCreated /app/y")
        await observer.close()
        try await server.shutdown()
    }

    @Test func aWatchGoesOnInTheNewSession() async throws {
        let scene = try await Scene("/app")
        let proxy = try await TCPProxy.start(to: try await Scene.port())
        let chroot = scene.connectString.drop { $0 != "/" }
        let terminal = try Terminal(server: proxy.connectString + chroot, ["--timeout", "1000"])
        try await terminal.prompt()
        try await terminal.run("create -e /app/mine x")
        try await terminal.write("watch -n 2 /app")
        terminal.type("\r")
        try await scene.untilWatched("/app")
        await proxy.block()
        try await eventually("end of the session") { try await scene.client.exists("/app/mine") == nil }
        proxy.open()
        try await terminal.contains(" resync /app")
        try await scene.create("/app/one")
        try await terminal.contains(" NodeCreated /app/one")
        try await scene.create("/app/two")
        try await terminal.contains(" NodeCreated /app/two")
        try await terminal.prompt()
    }
}
