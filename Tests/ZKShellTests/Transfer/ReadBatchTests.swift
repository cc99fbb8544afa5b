import Support
import Synchronization
import Testing
import ZKClient
import ZKCore

@testable import ZKShell

/// Many values at once may be more than a reply can be. Nobody's connection is lost for it.
@Suite(.timeLimit(.minutes(3))) struct ReadBatchTests {
    @Test(arguments: TransferServer.allCases) func asksForLess(_ server: TransferServer) async throws {
        let shell = try await server.shell { $0.frameBytesMax = 40_000 }
        try await shell.create("/app")
        for number in 0..<60 {
            try await shell.client.create(
                ZnodePath("/app/n\(number)"), data: Array(repeating: UInt8(ascii: "x"), count: number < 30 ? 10 : 9_000)
            )
        }
        let writer = try await shell.client()
        try await writer.create("/app/huge", data: Array(repeating: UInt8(ascii: "y"), count: 50_000))
        let events = shell.client.sessionEvents()
        let losses = Mutex(0)
        let counting = Task {
            for await event in events { if case .disconnected = event { losses.withLock { $0 += 1 } } }
        }
        let found = await shell.run("grep -c x /app")
        #expect(found.errors.allSatisfy { $0.contains("/app/huge") || $0.contains("failed for 1") }, "\(found.errors)")
        let exported = await shell.run("export /app")
        #expect(exported.status == 9)
        #expect(exported.output.split(separator: "\n").count == 61 + 1 + 2)
        #expect(
            exported.errors.contains { $0.contains("/app/huge: ") && $0.contains("--max-buffer") }, "\(exported.errors)"
        )
        _ = await shell.run("get /app/huge")
        #expect(await shell.run("cp -r /app /copy").status == 9)
        #expect(try await shell.client.exists("/copy")?.numChildren == 60)
        // Pipelined beside a reply that is too long.
        let client = shell.client
        let paths = try (30..<60).map { try ZnodePath("/app/n\($0)") }
        async let tooLong = client.data(of: paths)
        async let created = client.create("/beside")
        #expect(try await created == "/beside")
        #expect(try await tooLong.count == 30)
        try await client.sync("/")
        #expect(losses.withLock { $0 } == 0)
        counting.cancel()
        await writer.close()
    }
}
