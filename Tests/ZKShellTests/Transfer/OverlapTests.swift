import Support
import Testing
import ZKClient
import ZKCore

@testable import ZKShell

/// A tree is never copied into itself, whatever name it goes by.
@Suite(.timeLimit(.minutes(3))) struct OverlapTests {
    @Test(arguments: TransferServer.allCases, [false, true])
    func isRefusedByEveryName(_ server: TransferServer, aliased: Bool) async throws {
        let shell = try await server.shell()
        try await shell.create("/top", "/top/src", "/top/src/a=1", "/top/other=2")
        let parts = shell.session.options.server.split(separator: "/", maxSplits: 1)
        let port = try #require(parts[0].split(separator: ":").last)
        // Another name of the same server tells nothing.
        let there = "zk://\(aliased ? "localhost:\(port)" : String(parts[0]))/\(parts[1])"
        for line in [
            "mirror --delete /top/src /top", "mirror --delete \(there)/top/src /top",
            "mirror --delete /top/src \(there)/top", "mirror /top \(there)/top/src/copy",
            "cp -r -f /top/src /top", "cp -r \(there)/top /top/src/copy", "cp -r /top \(there)/top/src/copy",
            "cp -r -f \(there)/top /top", "mv -r /top/src /top",
            "mirror --delete \(there) /top",
        ] {
            let result = await shell.run(line)
            #expect(result.status == 2, "\(line): \(result)")
            #expect(result.errors.count == 1 && result.errors[0].contains("choose another place"), "\(result.errors)")
        }
        #expect(try await shell.client.getChildren("/top").sorted() == ["other", "src"])
        _ = try await shell.output("cp -r /top/src \(there)/top/copy")
        _ = try await shell.output("cp /top/src /top/src/b")
        #expect(try await shell.exists("/top/copy/a"))
    }

    @Test func theSamePathElsewhereIsAnotherTree() async throws {
        let (shell, other) = (try await TransferServer.embedded.shell(), try await TransferServer.apache.shell())
        let parts = other.session.options.server.split(separator: "/", maxSplits: 1)
        // The chroots as paths of the two ensembles.
        try await shell.create("/app", "/app/a")
        try await other.create("/app")
        _ = try await shell.output("mirror /app zk://\(parts[0])/\(parts[1])/app")
        #expect(try await other.exists("/app/a"))
    }
}
