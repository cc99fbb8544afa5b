import Foundation
import Support
import Testing
import ZKClient
import ZKCore
import ZKText

@testable import ZKShell

/// What makes one tree like another, and does no more than that.
@Suite(.timeLimit(.minutes(5))) struct PlanTests {
    // MARK: One becomes like the other

    @Test(arguments: TransferServer.allCases, [1, 2, 3, 4] as [UInt64])
    func afterApplyNothingIsLeftToChange(_ server: TransferServer, seed: UInt64) async throws {
        let shell = try await server.shell()
        var random = SeededGenerator(seed: seed)
        try await shell.createRandomTree("/a", count: 60, from: &random)
        try await shell.createRandomTree("/b", count: 60, from: &random)
        let files = try TemporaryDirectory()
        let plan = files.path("p")
        let made = await shell.run("plan -o \(plan) /a /b")
        #expect(made.status == 1, "seed \(seed): \(made.errors)")
        #expect(
            made.output.hasPrefix("change zk://\(shell.session.options.server)/b to be like zk://"), "\(made.output)")
        let applied = await shell.run("apply --prune \(plan)")
        #expect(applied.status == 0, "seed \(seed): \(applied.errors)")
        let (a, b) = (try await shell.tree("/a"), try await shell.tree("/b"))
        #expect(a == b, "seed \(seed)")
        let again = await shell.run("plan /a /b")
        #expect(again.status == 0 && again.output.contains("nothing to change"), "seed \(seed): \(again.output)")
        // What is done already needs nothing more.
        let repeated = await shell.run("apply --prune \(plan)")
        #expect(repeated.status == 0, "seed \(seed): \(repeated.errors)")
        #expect(repeated.output.contains("as they should be already"))
    }

    @Test func exportsAreSourcesAndOtherEnsemblesAreTargets() async throws {
        let shell = try await ShellHarness()
        let other = try await TransferServer.apache.shell()
        var random = SeededGenerator(seed: 5)
        try await shell.createRandomTree("/a", count: 40, from: &random)
        let files = try TemporaryDirectory()
        _ = try await shell.output("export /a -o \(files.path("a.jsonl.gz"))")
        let target = "zk://\(other.session.options.server)/b"
        let applied = await shell.run("apply file:\(files.path("a.jsonl.gz")) \(target)")
        #expect(applied.status == 0, "\(applied.errors)")
        #expect(try await shell.tree("/a") == other.tree("/b"))
        #expect(await shell.run("plan /a \(target)").status == 0)
    }

    @Test func theLinesTellWhatChanges() async throws {
        let shell = try await ShellHarness()
        try await shell.create(
            "/a", "/a/x=new znode", "/a/c={\"replicas\":3}", "/a/s", "/b", "/b/c={\"replicas\":0}", "/b/s")
        try await shell.create("/b/old", "/b/old/1", "/b/old/2", "/b/old/2/3")
        _ = try await shell.output("setAcl /a/s world:anyone:r")
        let plan = await shell.run("plan /a /b")
        #expect(plan.status == 1)
        let lines = plan.output.split(separator: "\n").map(String.init)
        #expect(lines.count == 6, "\(lines)")
        #expect(lines.contains("  + /b/x                    9 B"), "\(lines)")
        #expect(lines.contains(#"  ~ /b/c                    v0   -{"replicas":0} +{"replicas":3}"#), "\(lines)")
        #expect(lines.contains("  a /b/s                    acl  world:anyone:cdrwa -> world:anyone:r"), "\(lines)")
        #expect(lines.contains("  - /b/old                  and 3 below"), "\(lines)")
        #expect(
            lines.last?.hasPrefix("1 to create, 1 to change, 1 ACL, 4 to delete with --prune. The plan holds for")
                == true)
        let json = try await shell.jsonLines("plan /a /b")
        #expect(json.count == 9 && json[0]["zoosh"] == "plan" && json[8]["delete"] == 4)
        // Without --prune nothing goes.
        let applied = try await shell.output("apply /a /b")
        #expect(applied == "1 created, 1 changed, 1 ACLs set, 4 left undeleted\n")
        #expect(try await shell.exists("/b/old/2/3"))
    }

    @Test func ephemeralsAreLeftOutAndExcludedPathsStay() async throws {
        let shell = try await ShellHarness()
        let other = try await shell.client()
        try await shell.create(
            "/a", "/a/keep", "/a/tmp", "/a/d", "/a/d/log", "/b", "/b/d", "/b/d/log=mine", "/b/tmp=mine")
        try await other.create("/a/member", mode: .ephemeral)
        try await other.create("/b/member", mode: .ephemeral)
        try await shell.create("/b/gone", "/b/gone/tmp", "/b/e")
        let result = await shell.run("apply --prune --exclude tmp --exclude d/l* /a /b")
        #expect(result.status == 0, "\(result.errors)")
        #expect(result.output == "1 created, 1 deleted\n")
        #expect(result.errors.contains { $0.contains("1 ephemeral znodes of the source are left out") })
        for path: ZnodePath in ["/b/member", "/b/keep", "/b/gone/tmp"] {
            #expect(try await shell.exists(path), "\(path)")
        }
        #expect(try await shell.client.getData("/b/d/log").data == Array("mine".utf8))
        #expect(try await !shell.exists("/b/e"))
        await other.close()
    }

    @Test(arguments: TransferServer.allCases)
    func countersAndNarrowACLsComeAlong(_ server: TransferServer) async throws {
        let shell = try await server.shell()
        try await shell.create("/a", "/a/queue", "/a/narrow", "/a/narrow/child")
        for _ in 0..<7 {
            let path = try await shell.client.create("/a/queue/n-", mode: .persistentSequential)
            try await shell.client.delete(path)
        }
        _ = try await shell.output("setAcl /a/narrow world:anyone:ra")
        let applied = await shell.run("apply /a /b")
        #expect(applied.status == 0, "\(applied.errors)")
        #expect(try await shell.acl("/b/narrow") == shell.acl("/a/narrow"))
        #expect(try await shell.exists("/b/narrow/child"))
        #expect(try await shell.nextNumber(below: "/b/queue") == 7)
    }

    // MARK: What others do meanwhile

    @Test(arguments: TransferServer.allCases)
    func aRacingWriterLosesNoUpdate(_ server: TransferServer) async throws {
        let shell = try await server.shell()
        let writer = try await shell.client()
        let count = 600
        try await shell.create("/a", "/b")
        var bulk = BulkWriter(client: shell.client) { _, error in throw error }
        for number in 0..<count {
            try await bulk.add(.create(ZnodePath("/a/n\(number)"), data: Array("new".utf8)))
            try await bulk.add(.create(ZnodePath("/b/n\(number)"), data: Array("old".utf8)))
        }
        try await bulk.finish()
        let files = try TemporaryDirectory()
        let plan = files.path("p")
        #expect(await shell.run("plan -o \(plan) /a /b").status == 1)
        let writing = Task {
            var random = SeededGenerator(seed: 8)
            var written: [Int: [UInt8]] = [:]
            for round in 0..<400 where !Task.isCancelled {
                let number = Int(random.next() % UInt64(count))
                let data = Array("round \(round)".utf8)
                try await writer.setData(ZnodePath("/b/n\(number)"), data: data)
                written[number] = data
            }
            return written
        }
        let result = await shell.run("apply \(plan)")
        let written = try await writing.value
        #expect([0, 7, 9].contains(result.status), "\(result.errors)")
        for (number, data) in written {
            #expect(try await shell.client.getData(ZnodePath("/b/n\(number)")).data == data, "n\(number)")
        }
        await writer.close()
        // A new plan overwrites what the writer has left, and says so before.
        #expect(await shell.run("apply /a /b").status == 0)
        #expect(try await shell.tree("/a") == shell.tree("/b"))
    }

    /// Killed between two multis, and begun again.
    @Test func whatWasInterruptedIsAppliedAgain() async throws {
        let shell = try await TransferServer.apache.shell()
        try await shell.create("/a", "/b", "/b/old")
        let count = 6000
        var bulk = BulkWriter(client: shell.client) { _, error in throw error }
        for number in 0..<count {
            try await bulk.add(.create(ZnodePath("/a/n\(number)"), data: Array("\(number)".utf8)))
        }
        try await bulk.finish()
        let files = try TemporaryDirectory()
        let plan = files.path("p")
        #expect(await shell.run("plan -o \(plan) /a /b").status == 1)
        let arguments = ["-s", shell.session.options.server, "apply", "--prune", "--yes", "--owner", "me", plan]
        for seed in 1...4 as ClosedRange<UInt64> {
            let child = try ChildProcess(BuiltProduct.zoosh, arguments)
            var random = SeededGenerator(seed: seed)
            let wanted = Int(random.next() % UInt64(count))
            while child.isRunning, try await shell.client.exists("/b")?.numChildren ?? 0 < Int32(wanted) {}
            child.kill()
            _ = await child.waitForExit()
        }
        let result = await shell.run("apply --prune --yes --owner me \(plan)")
        #expect(result.status == 0, "\(result.errors)")
        #expect(await shell.run("apply --prune --yes /a /b").status == 0)
        #expect(try await shell.tree("/a") == shell.tree("/b"))
        #expect(await shell.run("plan /a /b").status == 0)
        // The lists were changed with the znodes.
        try await shell.create("/empty")
        let gone = await shell.run("apply --prune --yes --owner me /empty /b")
        #expect(gone.output.contains("\(count) deleted"), "\(gone)")
    }

    @Test(arguments: TransferServer.allCases)
    func conflictsAreNamedAndNothingOfTheirMultiIsDone(_ server: TransferServer) async throws {
        let shell = try await server.shell()
        try await shell.create("/a", "/a/1=x", "/a/2=x", "/a/3=x", "/b", "/b/1=o", "/b/2=o", "/b/gone", "/b/kept")
        let files = try TemporaryDirectory()
        let plan = files.path("p")
        #expect(await shell.run("plan -o \(plan) /a /b").status == 1)
        // Deleted and created again: the version is the same, the znode is not.
        try await shell.client.delete("/b/2")
        try await shell.create("/b/2=other", "/b/3=mine")
        let result = await shell.run("apply \(plan)")
        #expect(result.status == 7, "\(result.errors)")
        #expect(result.errors.contains { $0.contains("/b/2: conflict: it was changed since") }, "\(result.errors)")
        #expect(result.errors.contains { $0.contains("/b/3: conflict: somebody has created it") }, "\(result.errors)")
        #expect(result.errors.last?.contains("2 conflicts, 0 failures, 1 held back by them, 0 changes done") == true)
        #expect(try await shell.client.getData("/b/1").data == Array("o".utf8))
        // The deletes are another multi.
        let pruned = await shell.run("apply --prune \(plan)")
        #expect(pruned.status == 9, "\(pruned.errors)")
        #expect(try await !shell.exists("/b/gone"))
        let atomic = await shell.run("apply --atomic --prune \(plan)")
        #expect(atomic.status == 7, "\(atomic.errors)")
    }

    @Test func deletesStopAtWhatThePlanDoesNotKnow() async throws {
        let shell = try await ShellHarness()
        try await shell.create("/a", "/b", "/b/1", "/b/1/2", "/b/3")
        let files = try TemporaryDirectory()
        let plan = files.path("p")
        #expect(await shell.run("plan -o \(plan) /a /b").status == 1)
        try await shell.create("/b/1/new")
        #expect(await shell.run("apply --prune \(plan)").status == 7)
        #expect(try await shell.exists("/b/1/2"))
        #expect(await shell.run("apply --prune --max-deletes 3 /a /b").status == 10)
        #expect(try await shell.exists("/b/3"))
        #expect(await shell.run("apply --prune --dry-run /a /b").output == "would be: 4 deleted\n")
        #expect(await shell.run("apply --prune --max-deletes 4 --atomic /a /b").status == 0)
        #expect(try await shell.client.getChildren("/b").isEmpty)
    }

    @Test func deletesAreAskedFor() async throws {
        let shell = try await TransferServer.embedded.shell(answers: ["n", "y"])
        try await shell.create("/a", "/b", "/b/1")
        #expect(await shell.run("apply --prune /a /b").status == 1)
        #expect(try await shell.exists("/b/1"))
        #expect(await shell.run("apply --prune /a /b").status == 0)
        #expect(try await !shell.exists("/b/1"))
    }

    @Test func atomicIsOneMultiOrNothing() async throws {
        let shell = try await ShellHarness()
        try await shell.create("/a", "/b")
        for number in 0..<8 {
            try await shell.client.create(ZnodePath("/a/\(number)"), data: [UInt8](repeating: 1, count: 100_000))
        }
        let result = await shell.run("apply --atomic /a /b")
        #expect(result.status == 2 && result.errors.count == 1, "\(result.errors)")
        #expect(try await shell.client.getChildren("/b").isEmpty)
    }

    // MARK: Owners

    @Test(arguments: TransferServer.allCases)
    func anOwnerDeletesOnlyWhatItMade(_ server: TransferServer) async throws {
        let shell = try await server.shell {
            $0.credentials = [.init(scheme: "digest", secret: Array("joe:secret".utf8))]
        }
        try await shell.create("/a", "/a/1", "/a/2", "/a/3", "/b", "/b/other")
        let first = await shell.run("apply --owner config /a /b")
        #expect(first.status == 0, "\(first.errors)")
        #expect(try await shell.acl("/zoosh/owners/config").allSatisfy { $0.identity.scheme == "digest" })
        for name in ["1", "2", "3"] { try await shell.client.delete(ZnodePath("/a/\(name)")) }
        // Somebody else has it now.
        try await shell.client.delete("/b/2")
        try await shell.create("/b/2")
        try await shell.create("/a/4")
        let plan = await shell.run("plan /a /b")
        #expect(plan.output.contains(#"(owner "config" made it)"#), "\(plan.output)")
        let second = await shell.run("apply --owner config --prune /a /b")
        #expect(second.status == 0, "\(second.errors)")
        #expect(second.output == "1 created, 2 deleted, 2 left undeleted\n", "\(second.output)")
        #expect(try await shell.client.getChildren("/b").sorted() == ["2", "4", "other"])
        try await shell.client.delete("/a/4")
        #expect(try await shell.output("apply --owner config --prune /a /b") == "1 deleted, 2 left undeleted\n")
        // Of another subtree, it could delete what it never made.
        try await shell.create("/c")
        let refused = await shell.run("apply --owner config --prune /a /c")
        #expect(refused.status == 10, "\(refused.errors)")
        #expect(await shell.run("apply --owner a/b /a /b").status == 2)
    }

    @Test func anOwnerOfManyHasSeveralLists() async throws {
        let shell = try await ShellHarness()
        try await shell.create("/a", "/b")
        var bulk = BulkWriter(client: shell.client) { _, error in throw error }
        for number in 0..<3000 { try await bulk.add(.create(ZnodePath("/a/a-rather-long-name-\(number)"))) }
        try await bulk.finish()
        let applied = await shell.run("apply --owner many /a /b")
        #expect(applied.status == 0)
        #expect(applied.errors.contains { $0.contains("/zoosh/owners/many is open to everybody") }, "\(applied.errors)")
        #expect(try await shell.client.getChildren("/zoosh/owners/many").count > 1)
        for part in try await shell.client.getChildren("/zoosh/owners/many") {
            let data = try await shell.client.getData(ZnodePath("/zoosh/owners/many/\(part)")).data
            #expect(data?.count ?? 0 < 512 << 10)
        }
        _ = try await shell.output("deleteall /a")
        try await shell.create("/a")
        #expect(try await shell.output("apply --yes --owner many --prune /a /b").contains("3000 deleted"))
    }

    // MARK: Bad input

    @Test func aPlanThatIsNotAsItWasMadeIsRefusedInOneLine() async throws {
        let shell = try await ShellHarness()
        try await shell.create("/a", "/a/1=x", "/a/2=x", "/b", "/b/1=o", "/b/3")
        let files = try TemporaryDirectory()
        #expect(await shell.run("plan -o \(files.path("p")) /a /b").status == 1)
        let text = try String(contentsOf: files.url("p"), encoding: .utf8)
        let attributes = try FileManager.default.attributesOfItem(atPath: files.path("p"))
        #expect(attributes[.posixPermissions] as? Int == 0o600)
        let lines = text.split(separator: "\n", omittingEmptySubsequences: false)
        let damaged: [String: String] = [
            "edited": text.replacingOccurrences(of: #""data":"x""#, with: #""data":"y""#),
            "outside": text.replacingOccurrences(of: #""path":"/b/2""#, with: #""path":"/other""#),
            "less": (lines[..<1] + lines[2...]).joined(separator: "\n"),
            "cut": String(text.prefix(text.count / 2)), "short": lines[..<2].joined(separator: "\n") + "\n",
            "more": text + "{}\n", "empty": "", "text": "hello\n", "json": "{}\n",
            "number": text.replacingOccurrences(of: #""version":0"#, with: #""version":99999999999"#),
            "newer": text.replacingOccurrences(of: #""version":1"#, with: #""version":2"#),
        ]
        for (name, text) in damaged {
            let file = try files.write(text, to: name)
            let result = await shell.run("apply \(file)")
            #expect(result.status == 11, "\(name): \(result)")
            #expect(result.errors.count == 1 && result.errors[0].contains(file), "\(name): \(result.errors)")
        }
        #expect(await shell.run("apply \(files.path("nothing"))").status == 74)
        #expect(await shell.run("apply \(files.path("p")) /a").status == 2)
        #expect(await shell.run("apply \(files.path("p")) --exclude x").status == 2)
        #expect(try await shell.client.getData("/b/1").data == Array("o".utf8))
        let other = try await ShellHarness()
        try await other.create("/b")
        let elsewhere = await other.run("apply \(files.path("p"))")
        #expect(elsewhere.status == 2 && elsewhere.errors.count == 1, "\(elsewhere.errors)")
    }

    @Test func aTreeIsNotMadeLikeItself() async throws {
        let shell = try await ShellHarness()
        try await shell.create("/a", "/a/b")
        for line in ["plan /a /a", "apply /a /a/b", "plan / /a"] {
            #expect(await shell.run(line).status == 2, "\(line)")
        }
        #expect(await shell.run("plan /none /a").status == 4)
        #expect(await shell.run("plan /a /none/x").status == 4)
        #expect(await shell.run("apply /a /zookeeper/x").status == 10)
    }
}

extension ShellHarness {
    /// The JSON lines that a line prints, whatever its status.
    func jsonLines(_ line: String) async throws -> [JSONValue] {
        session.updateOptions { $0.output = .json }
        defer { session.updateOptions { $0.output = .plain } }
        return try await run(line).output.split(separator: "\n").map { try JSONValue(parsing: $0.utf8) }
    }

    struct TreeEntry: Hashable {
        var path: String
        var data: [UInt8]?
        var acl: [ACL]
    }

    /// Everything at and below `root`, with paths as if it were the root.
    func tree(_ root: ZnodePath) async throws -> Set<TreeEntry> {
        var entries: Set<TreeEntry> = []
        var paths = [root]
        while let path = paths.popLast() {
            let (data, _) = try await client.getData(path)
            entries.insert(
                TreeEntry(path: path.rebased(from: root, to: .root).string, data: data, acl: try await acl(path)))
            paths += try await client.getChildren(path).map { path.appending($0) }
        }
        return entries
    }

    func createRandomTree(_ root: ZnodePath, count: Int, from random: inout SeededGenerator) async throws {
        let acls: [[ACL]] = [
            .openUnsafe, .openUnsafe,
            [
                ACL(perms: .all, identity: .anyone),
                ACL(perms: .all, scheme: "digest", id: "joe:qLYaSdsbzkV3A0DbxFuzUVH0FxE="),
            ],
            [ACL(perms: .all, identity: .anyone), ACL(perms: .read, scheme: "ip", id: "10.0.0.1")],
        ]
        func pick(_ bound: Int) -> Int { Int(random.next() % UInt64(bound)) }
        func data() -> [UInt8]? {
            switch pick(4) {
            case 0: nil
            case 1: []
            case 2: (0..<pick(20)).map { _ in UInt8(truncatingIfNeeded: random.next()) }
            default: Array("text \(pick(3))".utf8)
            }
        }
        var paths = [root]
        try await client.create(root, data: data())
        for _ in 0..<count {
            let path = paths[pick(paths.count)].appending("n\(pick(6))")
            guard !paths.contains(path), path.string.utf8.count < 40 else { continue }
            try await client.create(path, data: data(), acl: acls[pick(acls.count)])
            paths.append(path)
        }
    }
}
