import Foundation
import Support
import Testing
import ZKClient
import ZKCore
import ZKRecipes

@testable import ZKShell

/// lock, elect, semaphore, member: a command that runs while something is held.
@Suite(.timeLimit(.minutes(3))) struct HoldingTests {
    /// The lines that the command has written so far.
    private func lines(_ file: URL) -> [String] {
        ((try? String(contentsOf: file, encoding: .utf8)) ?? "").split(separator: "\n").map(String.init)
    }

    private func firstLine(_ file: URL) async throws -> String {
        try await eventually("the command has started") { !lines(file).isEmpty }
        return lines(file)[0]
    }

    @Test func theCommandRunsUnderTheLockAndKnowsIt() async throws {
        let shell = try await ShellHarness()
        let files = try TemporaryDirectory()
        let script = "env | grep ^ZOOSH_ | sort > \(files.path("env"))"
        #expect(try await shell.output("lock /locks/a --data me -- sh -c '\(script)'") == "")
        var environment: [String: String] = [:]
        for line in lines(files.url("env")) {
            let parts = line.split(separator: "=", maxSplits: 1).map(String.init)
            environment[parts[0]] = parts[1]
        }
        #expect(environment["ZOOSH_LOCK"] == "/locks/a")
        let node = try #require(environment["ZOOSH_LOCK_NODE"])
        #expect(node.wholeMatch(of: /\/locks\/a\/_c_[0-9a-f-]{36}-lock-[0-9]{10}/) != nil, "\(node)")
        #expect(environment["ZOOSH_SESSION"] == "0x" + String(shell.client.session.id, radix: 16))
        #expect(environment["ZOOSH_SERVER"] == "\(shell.session.connection.connectString)")
        let token = try #require(environment["ZOOSH_FENCE"].flatMap { Int64($0) })
        #expect(token > 0)
        #expect(try await shell.client.getChildren("/locks/a").isEmpty)

        _ = try await shell.output("lock /locks/a -- sh -c 'echo $ZOOSH_FENCE > \(files.path("next"))'")
        #expect(try #require(Int64(lines(files.url("next"))[0])) > token, "the token grows from holder to holder")
    }

    @Test(arguments: [("exit 7", 7), ("kill -9 $$", 137), ("true", 0)])
    func theStatusIsThatOfTheCommand(_ script: String, _ status: Int32) async throws {
        let shell = try await ShellHarness()
        let result = await shell.run("lock /l -- sh -c '\(script)'")
        #expect(result.status == status)
        #expect(result.errors == [])
        #expect(try await shell.client.getChildren("/l").isEmpty)
    }

    @Test func aCommandThatIsNotThereIsNotFound() async throws {
        let shell = try await ShellHarness()
        let result = await shell.run("lock /l -- no-such-command")
        #expect(result.status == 127)
        #expect(result.errors == ["zoosh: lock: no-such-command: command not found"])
        #expect(try await shell.client.getChildren("/l").isEmpty)
    }

    @Test func whoComesTooLateGivesUpInTime() async throws {
        let shell = try await ShellHarness()
        let held = try await DistributedLock(shell.client, path: "/l").acquire()
        for limit in ["0", "100ms"] {
            let result = await shell.run("lock /l --timeout \(limit) -- true")
            #expect(result.status == 124)
            #expect(result.errors.first?.hasPrefix("zoosh: lock: /l: timed out") == true)
        }
        #expect(try await shell.client.getChildren("/l") == [held.path.name])
        try await held.release()
        #expect(await shell.run("lock /l --timeout 0 -- true").status == 0)
    }

    @Test func sharedLocksAreHeldTogether() async throws {
        let shell = try await ShellHarness()
        let held = try await DistributedLock(shell.client, path: "/l", kind: .read).acquire()
        #expect(await shell.run("lock -s /l --timeout 0 -- true").status == 0)
        #expect(await shell.run("lock /l --timeout 0 -- true").status == 124)
        try await held.release()
    }

    @Test func aLostLockEndsTheWholeGroup() async throws {
        let shell = try await ShellHarness()
        let files = try TemporaryDirectory()
        // Neither of the two heeds SIGTERM.
        let script =
            "trap : TERM; sh -c \"trap : TERM; echo \\$\\$ >> \(files.path("pids")); while :; do sleep 0.1; done\""
        async let result = shell.run("lock /l --grace 300ms -- sh -c '\(script)'")
        let pid = try #require(pid_t(try await firstLine(files.url("pids"))))
        let node = try #require(try await shell.client.getChildren("/l").first)
        try await shell.client.delete(ZnodePath("/l").appending(node))
        #expect(await result.status == 75)
        #expect(await result.errors.last?.contains("/l: lost") == true)
        try await eventually("the grandchild is gone") { kill(pid, 0) != 0 }
    }

    @Test func whoHeedsSIGTERMIsNotKilled() async throws {
        let shell = try await ShellHarness()
        let files = try TemporaryDirectory()
        let script =
            "trap 'echo stopped >> \(files.path("log")); exit 3' TERM; echo started >> \(files.path("log")); "
            + "while :; do sleep 0.1; done"
        try Data(script.utf8).write(to: files.url("script"))
        async let result = shell.run("lock /l --grace 60s -- sh \(files.path("script"))")
        _ = try await firstLine(files.url("log"))
        await shell.session.connection.currentClient?.close()
        #expect(await result.status == 75, "the end of the session is the end of the lock")
        #expect(lines(files.url("log")) == ["started", "stopped"])
    }

    @Test func interruptingStopsTheCommandAndReleases() async throws {
        let shell = try await ShellHarness()
        let files = try TemporaryDirectory()
        let running = Task { await shell.run("lock /l -- sh -c 'echo $$ > \(files.path("pid")); exec sleep 600'") }
        let pid = try #require(pid_t(try await firstLine(files.url("pid"))))
        running.cancel()
        #expect(await running.value.status == 130)
        #expect(kill(pid, 0) != 0)
        #expect(try await shell.client.getChildren("/l").isEmpty)
    }

    @Test func aConnectionThatIsDownForLongStopsTheCommand() async throws {
        let proxy = try await TCPProxy.start(to: try await ShellHarness.port())
        let shell = try await ShellHarness(server: proxy.connectString) { $0.sessionTimeout = .seconds(10) }
        let files = try TemporaryDirectory()
        async let result = shell.run("lock /l -- sh -c 'echo $$ > \(files.path("pid")); exec sleep 600'")
        let pid = try #require(pid_t(try await firstLine(files.url("pid"))))
        // A short one is no reason.
        let accepted = proxy.acceptedCount
        await proxy.cut()
        try await eventually("connected again") {
            _ = try await shell.client.exists("/l")
            return proxy.acceptedCount > accepted
        }
        #expect(kill(pid, 0) == 0)
        let start = ContinuousClock.now
        await proxy.block()
        #expect(await result.status == 75)
        #expect(ContinuousClock.now - start < .seconds(10), "before the ensemble may have ended the session")
        #expect(shell.client.state == .connecting)
        #expect(kill(pid, 0) != 0)
        proxy.open()
    }

    /// Ten seconds would be longer than what is left of the session.
    @Test func noGraceOutlivesTheSession() async throws {
        let proxy = try await TCPProxy.start(to: try await ShellHarness.port())
        let shell = try await ShellHarness(server: proxy.connectString) { $0.sessionTimeout = .seconds(6) }
        let files = try TemporaryDirectory()
        let script = "trap : TERM; echo $$ > \(files.path("pid")); while :; do sleep 0.1; done"
        async let result = shell.run("lock /l --grace 60s -- sh -c '\(script)'")
        let pid = try #require(pid_t(try await firstLine(files.url("pid"))))
        await proxy.block()
        let expiry = try #require(shell.client.earliestExpiry)
        try await eventually("the command is gone") { kill(pid, 0) != 0 }
        // Far from the grace of a minute, however busy the machine is.
        #expect(ContinuousClock.now < expiry + .seconds(10))
        #expect(await result.status == 75)
        proxy.open()
    }

    @Test func theStatusCountsWhateverBecomesOfTheRelease() async throws {
        let proxy = try await TCPProxy.start(to: try await ShellHarness.port())
        let shell = try await ShellHarness(server: proxy.connectString)
        let files = try TemporaryDirectory()
        for status in [0, 7] as [Int32] {
            let waiting = "while [ ! -e \(files.path("end\(status)")) ]; do sleep 0.05; done"
            let script = "echo x > \(files.path("\(status)")); \(waiting); exit \(status)"
            async let result = shell.run("lock /l -- sh -c '\(script)'")
            _ = try await firstLine(files.url("\(status)"))
            proxy.failReplies(.max, code: -127)
            try Data().write(to: files.url("end\(status)"))
            #expect(await result.status == status)
            #expect(await result.errors.last?.contains("no answer of the server") == true)
            proxy.failReplies(0, code: 0)
            try await eventually("it is given back in the background") {
                try await shell.client.getChildren("/l").isEmpty
            }
        }
    }

    @Test func withoutACommandItIsHeldUntilInterrupted() async throws {
        let shell = try await ShellHarness()
        let files = try TemporaryDirectory()
        let running = Task { await shell.run("lock /l > \(files.path("out"))") }
        let line = try await firstLine(files.url("out"))
        #expect(line.wholeMatch(of: /locked \/l\/_c_.*-lock-[0-9]{10}, fencing token [0-9]+/) != nil, "\(line)")
        #expect(try await shell.client.getChildren("/l").count == 1)
        running.cancel()
        #expect(await running.value.status == 130)
        #expect(try await shell.client.getChildren("/l").isEmpty)
    }

    @Test func dryRunAndReadOnlyTakeNothing() async throws {
        let shell = try await ShellHarness { $0.isDryRun = true }
        for line in ["lock /l -- false", "elect /l -- false", "semaphore /l 2 -- false", "member /l a", "barrier /l 2"]
        {
            let result = await shell.run(line)
            #expect(result.status == 0 && result.output.hasPrefix("would "), "\(line)")
        }
        #expect(try await shell.client.exists("/l") == nil)
    }

    // MARK: Election and semaphore

    @Test func theLeaderIsFollowed() async throws {
        let shell = try await ShellHarness()
        let held = try await LeaderElection(shell.client, path: "/e", name: bytes("first")).campaign()
        let files = try TemporaryDirectory()
        let listening = Task { await shell.run("elect /e --listen > \(files.path("out"))") }
        func seen() -> [String] { lines(files.url("out")).map { String($0.prefix { $0 != "(" }) } }
        try await eventually("the first leader") { seen() == ["leader first "] }
        let other = Task { try await LeaderElection(shell.client, path: "/e", name: bytes("second")).campaign() }
        try await eventually("a second candidate") { try await shell.client.getChildren("/e").count == 2 }
        try await held.release()
        let second = try await other.value
        try await eventually("the second leader") { seen() == ["leader first ", "leader second "] }
        try await second.release()
        try await eventually("no leader") { seen() == ["leader first ", "leader second ", "nobody leads"] }
        listening.cancel()
        #expect(await listening.value.status == 130)
    }

    /// A server that refuses for a while, and a connection that is lost.
    @Test func whoLeadsIsFollowedOverFaultsThatPass() async throws {
        let proxy = try await TCPProxy.start(to: try await ShellHarness.port())
        let shell = try await ShellHarness(server: proxy.connectString)
        let port = try await ShellHarness.port()
        let direct = try await ShellHarness {
            $0.server = shell.session.options.server.replacing(proxy.connectString, with: "127.0.0.1:\(port)")
        }
        let files = try TemporaryDirectory()
        let listening = Task { await shell.run("elect /e --listen > \(files.path("out"))") }
        func seen() -> [String] {
            lines(files.url("out")).map { String($0.prefix { $0 != "(" }).trimmingCharacters(in: .whitespaces) }
        }
        try await eventually("no leader") { seen() == ["nobody leads"] }
        var expected = ["nobody leads"]
        for (name, fault) in [("a", 0), ("b", -127), ("c", -118), ("d", 1)] as [(String, Int32)] {
            if fault < 0 { proxy.failReplies(4, code: fault) }
            if fault > 0 { await proxy.cut() }
            let held = try await LeaderElection(direct.client, path: "/e", name: bytes(name)).campaign()
            expected.append("leader \(name)")
            try await eventually("\(name) leads") { seen() == expected }
            if fault < 0 { #expect(proxy.failedCount == 4) }
            try await held.release()
            expected.append("nobody leads")
            try await eventually("nobody leads after \(name)") { seen() == expected }
        }
        listening.cancel()
        #expect(await listening.value.status == 130)
    }

    @Test func theElectedOneRuns() async throws {
        let shell = try await ShellHarness()
        let files = try TemporaryDirectory()
        let script = "echo $ZOOSH_LOCK $ZOOSH_FENCE > \(files.path("out")); exit 4"
        #expect(await shell.run("elect /e me -- sh -c '\(script)'").status == 4)
        #expect(lines(files.url("out"))[0].hasPrefix("/e "))
        #expect(await shell.run("elect /e --listen me").status == 2)
    }

    @Test func leasesAreCounted() async throws {
        let shell = try await ShellHarness()
        let semaphore = DistributedSemaphore(shell.client, path: "/s", leasesMax: 2)
        let first = try await semaphore.acquire()
        #expect(await shell.run("semaphore /s 2 -- true").status == 0)
        let second = try await semaphore.acquire()
        #expect(await shell.run("semaphore /s 2 --timeout 200ms -- true").status == 124)
        try await first.release()
        #expect(await shell.run("semaphore /s 2 -- sh -c 'exit 5'").status == 5)
        try await second.release()
        #expect(await shell.run("semaphore /s 0").status == 2)
    }

    // MARK: Membership

    @Test func theMemberIsThereForAsLongAsItsCommandRuns() async throws {
        let shell = try await ShellHarness()
        let files = try TemporaryDirectory()
        let script =
            "echo $ZOOSH_MEMBER > \(files.path("out")); while [ ! -e \(files.path("end")) ]; do sleep 0.05; done"
        async let result = shell.run("member /m 10.0.0.7:80 --id w1 -- sh -c '\(script)'")
        #expect(try await firstLine(files.url("out")) == "/m/w1")
        let (data, stat) = try await shell.client.getData("/m/w1")
        #expect(data == bytes("10.0.0.7:80") && stat.ephemeralOwner == shell.client.session.id)
        let other = try await ShellHarness(server: nil) { $0.server = shell.session.options.server }
        #expect(try await other.output("member /m") == "w1 10.0.0.7:80\n")
        try Data().write(to: files.url("end"))
        #expect(await result.status == 0)
        #expect(try await shell.client.getChildren("/m").isEmpty)
    }

    @Test func theNextSessionJoinsAgain() async throws {
        let shell = try await ShellHarness()
        let running = Task { await shell.run("member /m w1 -- sleep 600") }
        let observer = try await ShellHarness { $0.server = shell.session.options.server }
        try await eventually("it joins") { try await observer.client.exists("/m/w1") != nil }
        let first = shell.client.session.id
        await shell.client.close()
        try await eventually("it joins again") {
            guard let stat = try await observer.client.exists("/m/w1") else { return false }
            return stat.ephemeralOwner != 0 && stat.ephemeralOwner != first
        }
        try await observer.client.delete("/m/w1")
        try await eventually("and again") { try await observer.client.exists("/m/w1") != nil }
        running.cancel()
        #expect(await running.value.status == 130)
        #expect(try await observer.client.exists("/m/w1") == nil)
    }

    @Test func whoeverTakesThePlaceEndsTheEarlierOne() async throws {
        let shell = try await ShellHarness()
        async let result = shell.run("member /m w1 -- sleep 600")
        let other = try await ShellHarness { $0.server = shell.session.options.server }
        try await eventually("it joins") { try await other.client.exists("/m/w1") != nil }
        try await GroupMembership(other.client, path: "/m").join(id: "w1", replacing: .anyMember)
        #expect(await result.status == 75)
        #expect(await result.errors.last == "zoosh: member: /m/w1: another process has taken this place")
        #expect(try await other.client.exists("/m/w1")?.ephemeralOwner == other.client.session.id)
    }

    @Test func whatIsNoMemberStays() async throws {
        let shell = try await ShellHarness()
        try await shell.create("/g", "/g/cfg=precious")
        for option in ["", "--replace "] {
            let result = await shell.run("member /g newval --id cfg \(option)-- true")
            #expect(result.status == 5)
            #expect(result.errors.last?.contains("a persistent znode, which is no member") == true, "\(result.errors)")
        }
        #expect(try await shell.client.getData("/g/cfg").data == bytes("precious"))
        let other = try await ShellHarness { $0.server = shell.session.options.server }
        try await GroupMembership(other.client, path: "/g").join(id: "w1")
        #expect(await shell.run("member /g w1 -- true").status == 5)
        #expect(await shell.run("member /g w1 --replace -- true").status == 0)
    }

    @Test func aNameMustBeAName() async throws {
        let shell = try await ShellHarness()
        #expect(await shell.run("member /m a/b").status == 2)
        #expect(await shell.run("member /m -- true").status == 2)
    }
}

private func bytes(_ text: String) -> [UInt8] { Array(text.utf8) }
