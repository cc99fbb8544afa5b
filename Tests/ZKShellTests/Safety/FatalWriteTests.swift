import Support
import Testing
import ZKClient
import ZKCore

@testable import ZKShell

/// What an Apache server does not survive is not sent, by whatever command.
@Suite(.timeLimit(.minutes(5))) struct FatalWriteTests {
    private static let limits = Array("count=5,bytes=-1".utf8)

    @Test func knowsWhatIsFatal() {
        let fatal: [MultiOp] = [
            .create("/zookeeper/quota/zookeeper_limits", data: Self.limits),
            .create("/zookeeper/quota/zookeeper_limits", data: Self.limits, mode: .ephemeral),
            .create("/zookeeper/quota/zookeeper_limitsX/zookeeper_limits", data: Self.limits),
            .create("/zookeeper/quota/zookeeper_limitsX/a/zookeeper_limits", data: Self.limits),
            .create("/zookeeper/quota/a/zookeeper_limits", data: Array("five".utf8)),
            .create("/zookeeper/quota/a/zookeeper_limits", data: nil),
            .delete("/zookeeper/quota/zookeeper_limits"),
            .delete("/zookeeper/zookeeper_limits"), .delete("/zookeeperx/zookeeper_limits"),
            .setData("/zookeeper/quota/a/zookeeper_stats", data: nil),
            .setData("/zookeeper/quota/a/zookeeper_stats", data: Array("garbage".utf8)),
            .setData("/zookeeper/quota/a/zookeeper_stats", data: Array(",count=1".utf8)),
            .setData("/zookeeper/quota/a/zookeeper_stats", data: Array("count=".utf8)),
        ]
        for op in fatal { #expect(FatalWrite.refusal(op) != nil, "\(op)") }
        let harmless: [MultiOp] = [
            .create("/zookeeper/quota/a/zookeeper_limits", data: Self.limits),
            .create("/zookeeper/quota/a/zookeeper_limitsX/zookeeper_limits", data: Self.limits),
            .create("/zookeeper/quota/zookeeper_limits", mode: .persistentSequential),
            .create("/zookeeper_limits"), .create("/zookeeper/quota/a", data: nil),
            .setData("/zookeeper/quota/a/zookeeper_stats", data: Array("count=1,bytes=2=;byteHardLimit=-1".utf8)),
            .setData("/zookeeper/quota/a/zookeeper_stats", data: []),
            .setData("/app/zookeeper_stats", data: nil), .delete("/zookeeper/quota/a/zookeeper_limits"),
            .delete("/zookeeperxxxxxxx/zookeeper_limits"),
        ]
        for op in harmless { #expect(FatalWrite.refusal(op) == nil, "\(op)") }
    }

    /// Lines, each of which ended the server and kept it from starting again.
    private static let fatalLines = [
        "setquota -n 5 /", "setquota -n 5 /.", "cd /a ; setquota -N 5 ..", "setquota -n 5 /zookeeper_limitsX",
        "create /zookeeper/quota/zookeeper_limits count=5,bytes=-1",
        "create -e /zookeeper/quota/zookeeper_limits count=5,bytes=-1",
        "create -p /zookeeper/quota/zookeeper_limitsY/zookeeper_limits count=5,bytes=-1",
        "set -p /zookeeper/quota/zookeeper_limits count=5,bytes=-1", "touch /zookeeper/quota/zookeeper_limits",
        "cp /zookeeper/quota/q/zookeeper_limits /zookeeper/quota/zookeeper_limits",
        "mv /zookeeper/quota/q/zookeeper_limits /zookeeper/quota/zookeeper_limits",
        "txn ; create /zookeeper/quota/zookeeper_limits count=5,bytes=-1 ; commit",
        #"import - <<END"# + "\n" + #"{"path":"/zookeeper/quota/zookeeper_limits","data":"count=5","encoding":"utf8"}"#
            + "\nEND\n",
        "set /zookeeper/quota/q/zookeeper_stats garbage ; create /q/child",
        "append /zookeeper/quota/q/zookeeper_stats garbage ; create /q/child",
        "set --null /zookeeper/quota/q/zookeeper_stats ; create /q/child",
        "create /zookeeperx ; create /zookeeperx/zookeeper_limits ; deleteall /zookeeperx",
    ]

    @Test func apacheServersSurviveEveryCommand() async throws {
        let server = try await ApacheServer.start()
        let shell = try await ShellHarness(server: server.connectString, isAtRoot: true)
        try await shell.create("/a", "/q", "/zookeeper_limitsX")
        _ = try await shell.output("setquota -n 100 /q")
        for isCompatible in [false, true] {
            shell.session.updateOptions { $0.isCompatible = isCompatible }
            for line in Self.fatalLines {
                let result = await shell.run(line)
                #expect(!result.errors.isEmpty, "\(line)")
                #expect(await server.role() == .standalone, "\(line)")
            }
        }
        shell.session.updateOptions { $0.isCompatible = false }
        for path in ["/zookeeper/quota/zookeeper_limits", "/zookeeper/quota/zookeeper_limitsX"] {
            #expect(try await shell.client.exists(ZnodePath(path)) == nil, "\(path)")
        }
        await shell.session.connection.close()
        try await server.restart()
        #expect(await server.role() == .standalone)
    }

    @Test func saysWhyTheRootHasNoQuota() async throws {
        try await ShellHarness.withOwnServer { shell in
            for line in ["setquota -n 5 /", "setquota -b 5 /."] {
                let result = await shell.run(line)
                #expect(result.status == 10)
                #expect(result.errors.first?.contains("/: the root cannot have a quota") == true, "\(result.errors)")
            }
            shell.session.updateOptions { $0.isDryRun = true }
            #expect(await shell.run("setquota -n 5 /").status == 10, "a dry run promises no such thing")
            shell.session.updateOptions { $0.isDryRun = false }
            let created = await shell.run("create /zookeeper/quota/zookeeper_limits count=5,bytes=-1")
            #expect(created.status == 10)
            #expect(created.errors.first?.contains("would end an Apache server for good") == true, "\(created.errors)")
        }
    }

    /// It made znodes of the user and limited nothing.
    @Test(arguments: ["setquota -n 5 /a", "delquota /a", "listquota /a"])
    func thereIsNoQuotaBelowAChroot(line: String) async throws {
        let shell = try await ShellHarness()
        try await shell.create("/a")
        let result = await shell.run(line)
        #expect(result.status == 10)
        #expect(result.errors.last?.contains("connect without the chroot and name /t-") == true, "\(result.errors)")
        #expect(try await shell.output("ls /") == "[a]\n")
    }
}
