import Foundation
import Glibc
import Support
import Testing
import ZKClient
import ZKCore
import ZKRecipes

/// A holder that was paused beyond its session comes back late: what that spoils, and what it does not.
@Suite(.serialized, .timeLimit(.minutes(3))) struct FencingTests {
    private let home: ZnodePath = "/fencing"

    /// A child of `zoosh lock`: says its token, waits for the file `go`, and writes then.
    private func holder(_ servers: String, _ name: String, _ files: TemporaryDirectory) throws -> ChildProcess {
        let zoosh = "'\(BuiltProduct.zoosh)' -s \(servers)"
        let script = """
            version=$(\(zoosh) -o raw stat \(home)/versioned | sed -n 's/^dataVersion = //p')
            echo $$ $ZOOSH_FENCE > \(files.path(name).appending(".part"))
            mv \(files.path(name)).part \(files.path(name))
            while [ ! -e \(files.path(name)).go ]; do sleep 0.02; done
            \(zoosh) set \(home)/unchecked \(name)
            \(zoosh) set -v $version \(home)/versioned \(name); echo $? > \(files.path(name)).status
            """
        return try ChildProcess(
            BuiltProduct.zoosh,
            ["-s", servers, "-t", "2s", "lock", "\(home)/lock", "--grace", "30s", "--", "sh", "-c", script],
            environment: BuiltProduct.plainEnvironment, output: files.path("\(name).log"))
    }

    private func contents(_ files: TemporaryDirectory, _ name: String) -> String? {
        (try? String(contentsOf: files.url(name), encoding: .utf8))?.trimmingCharacters(in: .whitespacesAndNewlines)
    }

    private func holding(_ files: TemporaryDirectory, _ name: String) async throws -> (pid: pid_t, token: Zxid) {
        try await eventually(within: .seconds(60), "\(name) holds the lock") { contents(files, name) != nil }
        let words = try #require(contents(files, name)).split(separator: " ")
        return (try #require(pid_t(words[0])), Zxid(rawValue: try #require(Int64(words[1]))))
    }

    @Test func aLateHolderSpoilsWhatDoesNotCheck() async throws {
        let servers = try await ApacheServer.shared().connectString
        let files = try TemporaryDirectory()
        let client = try await session(servers)
        try await client.create(home)
        for name in ["unchecked", "versioned", "checked", "fence"] { try await client.create(home.appending(name)) }
        func write(_ name: String, _ token: Zxid) async throws -> Bool {
            try await Documented.write(
                bytes(name), token: token, to: home.appending("checked"), fence: home.appending("fence"), on: client)
        }
        func data(_ name: String) async throws -> String {
            String(decoding: try await client.getData(home.appending(name)).data ?? [], as: UTF8.self)
        }

        let a = try holder(servers, "a", files)
        let first = try await holding(files, "a")
        #expect(try await write("a", first.token))
        // The whole of A stands still, until its session is over and B has the lock.
        kill(-first.pid, SIGSTOP)
        a.signal(SIGSTOP)
        let b = try holder(servers, "b", files)
        let second = try await holding(files, "b")
        #expect(second.token > first.token)
        #expect(try await write("b", second.token))
        try Data().write(to: files.url("b.go"))
        #expect(await b.waitForExit() == .status(0))
        #expect(contents(files, "b.status") == "0")
        #expect(try await data("unchecked") == "b")

        // A's command wakes up before zoosh can stop it, and does not know that it is late.
        try Data().write(to: files.url("a.go"))
        kill(-first.pid, SIGCONT)
        try await eventually(within: .seconds(60), "A has written") { contents(files, "a.status") != nil }
        #expect(try await data("unchecked") == "a", "what does not check is spoiled")
        #expect(contents(files, "a.status") == "7", "the version that A has read is old")
        #expect(try await data("versioned") == "b")
        #expect(try await !write("a", first.token), "the token that A has is old")
        #expect(try await data("checked") == "b")

        a.signal(SIGCONT)
        let end = await a.waitForExit()
        #expect(
            end == .status(75) || end == .status(0), "it was lost, unless the command was done before that was seen")
        try await client.deleteTree(home)
        await client.close()
    }

    /// The two variants with a single authority.
    @Test func oneAuthorityNeedsNoLock() async throws {
        let servers = try await ApacheServer.shared().connectString
        let client = try await session(servers)
        let home = try await client.create("/authority-", mode: .persistentSequential)
        var claims: [Bool] = []
        try await withThrowingTaskGroup(of: Bool.self) { group in
            for number in 0..<20 {
                group.addTask {
                    try await Documented.claim(home.appending("name"), for: "owner \(number)", on: client)
                }
            }
            for try await claim in group { claims.append(claim) }
        }
        #expect(claims.filter { $0 }.count == 1)

        let (from, to) = (home.appending("from"), home.appending("to"))
        try await client.create(from, data: bytes("10"))
        try await client.create(to, data: bytes("0"))
        var moved = 0
        try await withThrowingTaskGroup(of: Bool.self) { group in
            for _ in 0..<20 {
                group.addTask { try await Documented.transfer(1, from: from, to: to, on: client) }
            }
            for try await isDone in group where isDone { moved += 1 }
        }
        #expect(moved == 10)
        #expect(try await client.getData(from).data == bytes("0"))
        #expect(try await client.getData(to).data == bytes("10"))
        try await client.deleteTree(home)
        await client.close()
    }

    /// kazoo waits for the lock that zoosh holds, and zoosh for the one that kazoo holds.
    @Test func kazooHoldsTheOtherSide() async throws {
        let servers = try await ApacheServer.shared().connectString
        let client = try await session(servers)
        let script = """
            import sys, time
            from kazoo.client import KazooClient
            client = KazooClient(hosts=sys.argv[1]); client.start(timeout=20)
            lock = client.Lock("/shared-lock", "kazoo", extra_lock_patterns=["-lock-"])
            with lock:
                print("held", flush=True)
                sys.stdin.readline() if len(sys.argv) > 2 else None
            client.stop()
            """
        let files = try TemporaryDirectory()
        let held = try ChildProcess(
            BuiltProduct.zoosh, ["-s", servers, "lock", "/shared-lock"], environment: BuiltProduct.plainEnvironment,
            output: files.path("zoosh"))
        try await eventually("zoosh holds it") { contents(files, "zoosh")?.hasPrefix("locked ") == true }
        let kazoo = try ChildProcess(Kazoo.python, ["-c", script, servers], output: files.path("kazoo"))
        try await eventually("kazoo queues") { try await client.getChildren("/shared-lock").count == 2 }
        #expect(contents(files, "kazoo") == "")
        held.signal(SIGINT)
        #expect(await held.waitForExit() == .status(130))
        #expect(await kazoo.waitForExit() == .status(0))
        #expect(contents(files, "kazoo") == "held")

        // And the other way round: kazoo holds it until its stdin ends.
        let pipe = files.path("pipe")
        mkfifo(pipe, 0o600)
        let writing = open(pipe, O_RDWR | O_CLOEXEC)
        let holder = try ChildProcess(
            Kazoo.python, ["-c", script, servers, "wait"], input: pipe, output: files.path("kazoo2"))
        try await eventually(within: .seconds(60), "kazoo holds it") { contents(files, "kazoo2") == "held" }
        let late = try await zoosh(servers, "lock", "/shared-lock", "--timeout", "0", "--", "true")
        #expect(late.status == 124)
        write(writing, "\n", 1)
        #expect(await holder.waitForExit() == .status(0))
        #expect(try await zoosh(servers, "lock", "/shared-lock", "--timeout", "0", "--", "true").status == 0)
        close(writing)
        try await client.deleteTree("/shared-lock")
        await client.close()
    }
}

extension ZooKeeperClient {
    func deleteTree(_ path: ZnodePath) async throws {
        for child in try await getChildren(path) { try await deleteTree(path.appending(child)) }
        try await delete(path)
    }
}
