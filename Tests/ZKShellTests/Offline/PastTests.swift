import Foundation
import Support
import Testing
import ZKCore
import ZKReplica
import ZKText

@testable import ZKShell

@Suite("Logs and snapshots in the shell", .timeLimit(.minutes(5)))
struct PastTests {
    private static func path(_ name: String) -> String {
        Fixtures.url("datadirs/\(name)").path(percentEncoded: false)
    }

    // MARK: log

    @Test func tellsWhoChangedAZnodeAndWhatWasThere() async throws {
        let shell = try OfflineShell(fixture: "all-txns")
        let lines = try await shell.output("log -p /a").split(separator: "\n").map(String.init)
        #expect(lines[0].hasPrefix("0x17  2026-11-20T23:36:27.912Z  set     v1 -> v2     2 B  session 0x10000269db8"))
        #expect(lines[1].hasPrefix("  -") && lines[2] == "  +v3")
        #expect(lines.dropLast().last?.hasPrefix("  +") == true)
        #expect(lines.contains { $0.hasPrefix("0x4  ") && $0.contains("  create  v0") })
        #expect(lines.last == "(begins at snapshot.0: what was before is not in these files)")
    }

    @Test func filtersByTypeSessionNumberAndMoment() async throws {
        let shell = try OfflineShell(fixture: "all-txns")
        let deletes = try await shell.output("log --type delete -r /").split(separator: "\n").dropLast()
        #expect(!deletes.isEmpty && deletes.allSatisfy { $0.contains("  delete  /") })
        #expect(deletes.contains { $0.contains("gone with its session") })
        #expect(deletes.contains { $0.contains("an empty container, reaped by the server") })
        #expect(deletes.contains { $0.contains("its TTL was over, reaped by the server") })
        let errors = try await shell.output("log --type error")
        #expect(errors.contains("refused: "))
        let newest = try await shell.output("log -n 1")
        #expect(newest.hasPrefix("0x3e  "))
        #expect(newest.split(separator: "\n").count == 1)
        let window = try await shell.output("log --since 0x10 --until 0x12 --reverse")
        #expect(window.split(separator: "\n").first?.hasPrefix("0x10  ") == true)
        #expect(!window.contains("0x13  ") && !window.contains("begins at"))
        let session = try await shell.output("log --type session")
        #expect(session.contains("opened, timeout 3600000 ms") && session.contains("closed"))
        let multi = try await shell.output("log -r /m")
        #expect(multi.contains("in one multi)"))
    }

    @Test func jsonIsALineForEachChange() async throws {
        let shell = try OfflineShell(fixture: "all-txns") { $0.output = .json }
        let values = try await shell.output("log -r / -p").split(separator: "\n").map {
            try JSONValue(parsing: $0.utf8)
        }
        #expect(values.count > 20)
        #expect(values.allSatisfy { $0["zxid"]?.stringValue?.hasPrefix("0x") == true && $0["op"] != nil })
        let set = try #require(values.first { $0["zxid"]?.stringValue == "0x17" })
        #expect(set["after"]?["data"]?.stringValue == "v3")
        #expect(set["version"]?.intValue == 2)
    }

    @Test func thePastOfTheViewEndsAtItsMoment() async throws {
        let shell = try OfflineShell(fixture: "all-txns")
        #expect(try await shell.output("at 0x10").hasPrefix("0x10  2026-11-20T23:36:27."))
        #expect(try await shell.output("log -n 1").hasPrefix("0x10  "))
        #expect(ShellPrompt(session: shell.session, commandNumber: 0).text == "[offline all-txns @0x10] /> ")
        #expect(await shell.run("at 0x99").status == 11)
        #expect(try await shell.output("at").hasPrefix("0x10  "))
        #expect(try await shell.output("at now").hasPrefix("0x3e  "))
    }

    @Test func aServerSaysHowToGetThere() async throws {
        let harness = try await ShellHarness()
        for line in ["log /", "at 0x1"] {
            let result = await harness.run(line)
            #expect(result.status == 2 && result.errors[0].contains("--offline"), "\(result)")
        }
    }

    @Test func whatCanBeReadOfADamagedLogIsShown() async throws {
        let result = await (try OfflineShell(fixture: "bad-crc-middle")).run("log -n 1")
        #expect(result.status == 11)
        #expect(result.output.hasPrefix("0x29  "))
        #expect(result.errors.count == 1 && result.errors[0].contains("byte 3978"))
    }

    // MARK: diff

    @Test func diffComparesMoments() async throws {
        let shell = try OfflineShell(fixture: "all-txns")
        let result = await shell.run("diff offline:\(Self.path("all-txns"))@0x4:/a /a")
        #expect(result.status == 1)
        #expect(result.output.contains("+v3"))
        let same = await shell.run("diff -r offline:\(Self.path("all-txns")) /")
        #expect(same.status == 0, "\(same)")
        #expect(await shell.run("diff offline:/none:/a /a").status == 74)
    }

    @Test(arguments: [
        ("/d@0x5:/app", "/d", "/app"), ("/d", "/d", "/"), ("/d:/a:/b", "/d:/a", "/b"), ("/a@b/c", "/a@b/c", "/"),
        ("/d@10:01:/x", "/d", "/x"), ("/u@h/d@now", "/u@h/d", "/"),
    ])
    func sourcesAreTakenApart(text: String, path: String, znode: String) throws {
        let source = try OfflineSource(text, hasPath: true)
        #expect(source.path == path)
        #expect(source.znode.string == znode)
    }

    // MARK: snapshot

    @Test func infoTellsWhatThereIs() async throws {
        let shell = try OfflineShell(fixture: "restarts")
        let lines = try await shell.output("snapshot info").split(separator: "\n").map(String.init)
        #expect(lines[0].hasPrefix("FILE"))
        #expect(lines.filter { $0.hasPrefix("snapshot.") && $0.contains("ok") }.count == 3)
        #expect(
            lines.contains { $0.hasPrefix("logs 0x1 to ") && $0.contains("without a gap") && $0.contains("3 files") })
        #expect(lines.last?.hasPrefix("restorable from ") == true)
        let torn = try await shell.output("snapshot info \(Self.path("torn-tail"))")
        #expect(torn.contains("torn tail of 66 bytes in log.1 at 3,978"))
        let gap = try await shell.output("snapshot info \(Self.path("gap-between-logs"))")
        #expect(gap.contains("with txns missing") && gap.contains("missing after "))
    }

    @Test func verifyFindsWhatIsWrong() async throws {
        let shell = try OfflineShell(fixture: "all-txns")
        #expect(await shell.run("snapshot verify \(Self.path("snapshot-only"))").output.contains("ok, digest ok"))
        let bad = await shell.run("snapshot verify \(Self.path("snapshot-bad-only"))")
        #expect(bad.status == 11 && bad.output.contains("damaged"))
        let empty = await shell.run("snapshot verify \(Self.path("snapshot-empty-file"))")
        #expect(empty.status == 0 && empty.output.contains("unfinished"))
    }

    @Test func makeWritesATreeOfOneMoment() async throws {
        let directory = try TemporaryDirectory()
        let shell = try OfflineShell(fixture: "fuzzy-live")
        let printed = try await shell.output("snapshot make \(Self.path("all-txns")) --at 0x10 -o \(directory.path)/")
        #expect(printed.hasPrefix("\(directory.path)/snapshot.10: "))
        let made = try OfflineShell(directory.path("snapshot.10"))
        let original = try OfflineShell(fixture: "all-txns") { $0.offline?.moment = .zxid(Zxid(rawValue: 0x10)) }
        #expect(try await made.output("ls -R /") == original.output("ls -R /"))
        #expect(try await made.output("snapshot verify").contains("ok, digest ok"))
        let again = await shell.run("snapshot make \(Self.path("all-txns")) --at 0x10 -o \(directory.path)/")
        #expect(again.status == 2 && again.errors[0].contains("there already"))
        let copy = try directory.copy(ofFixture: "datadirs/all-txns", as: "data")
        let inside = await shell.run("snapshot make \(copy) -o \(copy)/version-2/snapshot.3e")
        #expect(inside.status == 2)
        let mode = try FileManager.default.attributesOfItem(atPath: directory.path("snapshot.10"))[.posixPermissions]
        #expect(mode as? Int == 0o600)
    }

    @Test func duAndDiffOfSnapshots() async throws {
        let shell = try OfflineShell(fixture: "all-txns")
        #expect(try await shell.output("snapshot du").contains("/zookeeper"))
        let result = await shell.run("snapshot diff \(Self.path("all-txns"))@0x4 \(Self.path("all-txns"))")
        #expect(result.status == 1 && result.output.contains("+v3"))
    }

    // MARK: txnlog

    @Test func dumpShowsEachPartOfAMulti() async throws {
        let shell = try OfflineShell(fixture: "all-txns")
        let lines = try await shell.output("txnlog dump").split(separator: "\n")
        #expect(lines.contains { $0.contains("(1 of ") && $0.contains("in one multi)") })
        #expect(lines.first?.hasPrefix("0x1  ") == true)
        #expect(lines.last?.hasPrefix("0x3e  ") == true)
    }

    @Test func infoStatsAndVerifyOfLogs() async throws {
        let shell = try OfflineShell(fixture: "split-logs")
        let info = try await shell.output("txnlog info")
        #expect(info.contains("log.1 ") && info.contains("log.20") && info.contains("whole"))
        let stats = try await shell.output("txnlog stats")
        #expect(stats.contains("TYPE") && stats.contains("SESSION") && stats.contains("MINUTE"))
        #expect(await shell.run("txnlog verify").status == 0)
        let bad = await shell.run("txnlog verify \(Self.path("bad-crc-middle"))")
        #expect(bad.status == 11 && bad.errors.contains { $0.contains("byte 3978") })
        let gap = await shell.run("txnlog verify \(Self.path("gap-between-logs"))")
        #expect(gap.status == 11)
    }

    @Test func recoverSavesWhatIsWholeBesideTheLog() async throws {
        let directory = try TemporaryDirectory()
        let data = try directory.copy(ofFixture: "datadirs/bad-crc-middle", as: "data")
        let log = "\(data)/version-2/log.1"
        let before = try Data(contentsOf: URL(filePath: log))
        let shell = try OfflineShell(data)
        let result = await shell.run("txnlog recover \(log)")
        #expect(result.status == 0, "\(result)")
        #expect(try Data(contentsOf: URL(filePath: log)) == before)
        let recovered = try Data(contentsOf: URL(filePath: "\(data)/version-2/recovered-log.1"))
        #expect(recovered == before.prefix(3978))
        #expect(await shell.run("txnlog recover \(log)").status == 2)
        // Under the log's name, it gives what was readable.
        try recovered.write(to: URL(filePath: log))
        #expect(try await shell.output("at now").hasPrefix("0x29  "))
    }
}
