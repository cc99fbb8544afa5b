import Foundation
import Support
import Testing
import ZKClient
import ZKCore
import ZKRecipes
import ZKText

@testable import ZKShell

@Suite(.timeLimit(.minutes(2))) struct QueueAndBarrierTests {
    @Test func elementsComeOutInTheirOrder() async throws {
        let shell = try await ShellHarness()
        _ = try await shell.output("queue /q push a 'b c' @@d")
        _ = try await shell.output("queue /q push -x 00ff")
        #expect(try await shell.output("queue /q len") == "4\n")
        #expect(try await shell.output("queue /q first") == "a\n")
        #expect(try await shell.output("queue /q pop") == "a\n")
        #expect(try await shell.output("queue /q pop") == "b c\n")
        #expect(try await shell.json("queue /q pop").first?["data"] == "@d")
        #expect(await shell.runForBytes("queue /q pop").output == [0, 0xFF, 10])
        let result = await shell.run("queue /q pop")
        #expect(result.status == 1)
        #expect(result.errors == ["zoosh: queue: /q: the queue is empty"])
        #expect(await shell.run("queue /q first").status == 1)
        #expect(try await shell.json("queue /q len").first?["count"] == 0)
    }

    @Test func popWaits() async throws {
        let shell = try await ShellHarness()
        #expect(await shell.run("queue /q pop --timeout 100ms").status == 124)
        async let popped = shell.output("queue /q pop --wait")
        try await DistributedQueue(shell.client, path: "/q").push(Array("late".utf8))
        #expect(try await popped == "late\n")
    }

    @Test(arguments: ["", " --timeout 60s"])
    func anElementOfUnknownFateIsPrinted(options: String) async throws {
        let proxy = try await TCPProxy.start(to: try await ShellHarness.port())
        let shell = try await ShellHarness(server: proxy.connectString)
        _ = try await shell.output("queue /q push precious")
        // The names, the data, and then its deletion.
        proxy.loseReply(after: 2)
        let result = await shell.run("queue /q pop\(options)")
        #expect(result.status == 3)
        #expect(result.output == "precious\n")
        #expect(result.errors.last?.contains("whether this was taken here or by another is not known") == true)
        #expect(try await shell.output("queue /q len") == "0\n")
    }

    @Test func wrongUseIsTold() async throws {
        let shell = try await ShellHarness()
        for line in ["queue /q", "queue /q shove", "queue /q len x", "queue /q push --wait x", "queue /q push"] {
            #expect(await shell.run(line).status == 2, "\(line)")
        }
    }

    @Test func noneGoesOnBeforeAllAreThere() async throws {
        let files = try TemporaryDirectory()
        let first = try await ShellHarness()
        #expect(await first.run("barrier /b 2 --timeout 100ms").status == 124)
        #expect(try await first.client.getChildren("/b").isEmpty)
        // Twice: a barrier that all have left can be used again.
        for round in 1...2 {
            let script = "echo x >> \(files.path("in\(round)")); exit 0"
            try await withThrowingTaskGroup(of: Int32.self) { group in
                for _ in 1...3 {
                    let shell = try await ShellHarness { $0.server = first.session.options.server }
                    group.addTask { await shell.run("barrier /b 3 -- sh -c '\(script)'").status }
                }
                for try await status in group { #expect(status == 0) }
            }
            #expect(try String(contentsOf: files.url("in\(round)"), encoding: .utf8) == "x\nx\nx\n")
            #expect(try await first.client.getChildren("/b").isEmpty)
        }
        #expect(await first.run("barrier /c 1 -- sh -c 'exit 6'").status == 6)
        #expect(await first.run("barrier /c 1").status == 0)
        #expect(await first.run("barrier /c 0").status == 2)
    }
}
