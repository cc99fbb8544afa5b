import Glibc
import Support
import Testing
import ZKClient
import ZKCore

/// Ctrl-C never leaves the shell; Ctrl-D and `quit` do.
@Suite(.timeLimit(.minutes(2))) struct InterruptTests {
    private let scene: Scene

    init() async throws {
        scene = try await Scene("/app=hello")
    }

    @Test func whileALineIsEdited() async throws {
        let terminal = try await scene.terminal()
        try await terminal.write("get /abc")
        terminal.type("\u{1b}[D\u{1b}[D\u{3}")
        try await terminal.shows("/> get /abc^C", "/>")
        try await terminal.run("get /app")
        try await terminal.endsIn("hello", "/>")
    }

    @Test(arguments: ["watch /app", "wait /none --exists"])
    func whileACommandWaits(line: String) async throws {
        let terminal = try await scene.terminal()
        try await terminal.write(line)
        terminal.type("\r")
        try await terminal.wait("command that runs") { $0.column == 0 && $0.row == 1 }
        terminal.type("\u{3}")
        try await terminal.shows("/> \(line)", "^C", "/>")
        try await terminal.run("get /app")
        try await terminal.endsIn("hello", "/>")
    }

    /// One second is what is promised; the machine may be busy.
    @Test(arguments: [
        "lock /l", "lock /l -- true", "elect /l", "semaphore /s 1", "barrier /b 2", "lock /free", "elect /free-e",
        "semaphore /free-s 1", "lock /free -- sleep 100", "barrier /free-b 1 -- sleep 100",
    ])
    func beforeAServerThatHangs(line: String) async throws {
        let server = try await ZooshServer.start()
        let holders = try ["lock /l", "semaphore /s 1"].map {
            try ChildProcess(
                BuiltProduct.zoosh, ["-s", server.connectString] + $0.split(separator: " ").map(String.init),
                environment: BuiltProduct.plainEnvironment)
        }
        defer { for holder in holders { holder.signal(SIGKILL) } }
        let terminal = try Terminal(server: server.connectString)
        try await terminal.prompt()
        let observer = ZooKeeperClient(
            configuration: ClientConfiguration(connectString: try ConnectString(server.connectString)))
        func count(_ paths: ZnodePath...) async throws -> Int {
            var count = 0
            for path in paths { count += Int(try await observer.exists(path)?.numChildren ?? 0) }
            return count
        }
        try await eventually(within: .seconds(60), "others hold") {
            let (locks, leases, turns) = (
                try await count("/l"), try await count("/s/leases"), try await count("/s/locks")
            )
            return (locks, leases, turns) == (1, 1, 0)
        }
        try await terminal.write(line)
        terminal.type("\r")
        try await eventually(within: .seconds(60), "it waits or holds") {
            try await count("/l", "/s/leases", "/b", "/free", "/free-e", "/free-s/leases", "/free-b") > 2
        }
        kill(server.pid, SIGSTOP)
        defer { kill(server.pid, SIGCONT) }
        let start = ContinuousClock.now
        try await terminal.interrupt()
        #expect(ContinuousClock.now - start < .seconds(4))
        try await terminal.run("pwd")
    }

    @Test func thePromptCanShowTheStatus() async throws {
        let terminal = try await scene.terminal("--prompt", "%{[%?] %}%w> ")
        try await terminal.run("get /none", prompt: "[4] />")
        try await terminal.write("watch /app")
        terminal.type("\r")
        try await terminal.wait("command that runs") { $0.column == 0 }
        try await terminal.interrupt(prompt: "[130] />")
        try await terminal.run("pwd")
    }

    @Test func whileAWalkPrints() async throws {
        let client = scene.client
        try await withThrowingTaskGroup(of: Void.self) { group in
            for index in 0..<3_000 {
                let path = try ZnodePath("/app/n\(index)")
                group.addTask { try await client.create(path) }
            }
            try await group.waitForAll()
        }
        let terminal = try await scene.terminal()
        try await terminal.write("ls -R / ; ls -R / ; ls -R / ; ls -R / ; pwd")
        terminal.type("\r")
        try await terminal.contains("/app/n")
        terminal.type("\u{3}")
        try await terminal.prompt()
        try await terminal.run("get /app")
        try await terminal.endsIn("hello", "/>")
    }

    @Test func whileACommandWaitsForAServer() async throws {
        let proxy = try await TCPProxy.start(to: try await Scene.port())
        let terminal = try Terminal(server: proxy.connectString)
        try await terminal.prompt()
        await proxy.block()
        try await terminal.prompt("(CONNECTING) />")
        try await terminal.write("get /app")
        terminal.type("\r")
        try await terminal.wait("command that runs") { $0.column == 0 }
        try await terminal.interrupt(prompt: "(CONNECTING) />")
        proxy.open()
        try await terminal.prompt()
    }

    @Test func inASearchOfTheHistory() async throws {
        let terminal = try await scene.terminal()
        try await terminal.run("pwd")
        terminal.type("\u{12}pw")
        try await terminal.wait("search") { $0.currentLine.hasPrefix("(reverse-i-search)`pw'") }
        try await terminal.interrupt()
        try await terminal.run("get /app")
        try await terminal.endsIn("hello", "/>")
    }

    @Test func inAContinuedLine() async throws {
        let terminal = try await scene.terminal()
        try await terminal.run("set /app 'one", prompt: "…>")
        try await terminal.write("two")
        try await terminal.interrupt()
        try await terminal.run("get /app")
        try await terminal.endsIn("hello", "/>")
    }

    @Test func atAQuestion() async throws {
        let terminal = try await scene.terminal()
        terminal.type("\u{1b}[200~set /app one\ndelete /app\u{1b}[201~\r")
        try await terminal.contains("[y/N]")
        try await terminal.interrupt()
        try await terminal.run("get /app")
        try await terminal.endsIn("hello", "/>")
    }

    @Test func anEmptyLineAndControlDEndTheShell() async throws {
        let terminal = try await scene.terminal()
        terminal.type("\u{4}")
        #expect(try await terminal.exit() == .status(0))
        #expect(terminal.screen.lines == ["/>"])
        #expect(terminal.screen.row == 1)
        #expect(!terminal.screen.isPasteBracketed)
    }

    @Test func controlDInsideALineDeletes() async throws {
        let terminal = try await scene.terminal()
        try await terminal.write("get /app")
        terminal.type("\u{1}\u{4}\u{4}")
        try await terminal.wait("line without its first characters") { $0.currentLine == "/> t /app" }
    }

    @Test func quitEndsTheShellSilently() async throws {
        let terminal = try await scene.terminal()
        try await terminal.run("addWatch /")
        try await terminal.run("create -e /mine x")
        try await terminal.write("exit 7")
        terminal.type("\r")
        #expect(try await terminal.exit() == .status(7))
        let ending = terminal.screen.lines.filter {
            $0.contains("connection") || $0.contains("session") || $0.contains("ended")
        }
        #expect(ending == [])
        #expect(try await scene.client.exists(ZnodePath("/mine")) == nil)
    }

    @Test func aQuitSignalLeavesTheTerminalInOrder() async throws {
        let terminal = try await scene.terminal()
        try await terminal.write("get /abc")
        terminal.type("\u{1c}")
        #expect(try await terminal.exit() == .signal(SIGQUIT))
        #expect(!terminal.screen.isPasteBracketed)
    }

    @Test(arguments: [SIGTERM, SIGHUP])
    func aSignalEndsTheSession(signal: Int32) async throws {
        let terminal = try await scene.terminal()
        try await terminal.run("create -e /mine x")
        terminal.signal(signal)
        #expect(try await terminal.exit() == .status(128 + signal))
        #expect(try await scene.client.exists(ZnodePath("/mine")) == nil)
    }
}
