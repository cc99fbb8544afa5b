import Foundation
import Support
import Testing
import ZKCore
import ZKReplica
import ZKText

@testable import ZKShell

@Suite("The shell without a server", .timeLimit(.minutes(5)))
struct OfflineTests {
    /// What a real server served of a recorded directory, as far as commands print it.
    private struct Expected: Decodable {
        struct Znode: Decodable {
            var stat: [String: Int64]
            var acl: [Entry]
        }

        struct Entry: Decodable {
            var perms: Int
            var scheme: String
            var id: String
        }

        struct Recovery: Decodable { var outcome: String }

        var recovery: Recovery
        var nodes: [String: Znode]?
    }

    static let directories = try! FileManager.default.contentsOfDirectory(
        atPath: Fixtures.url("datadirs").path(percentEncoded: false)
    ).filter { !$0.contains(".") }.sorted()

    @Test(arguments: directories) func printsWhatTheServerServed(name: String) async throws {
        let json = try Data(contentsOf: Fixtures.url("datadirs/\(name)/expected.json"))
        let expected = try JSONDecoder().decode(Expected.self, from: json)
        guard expected.recovery.outcome == "ok", let nodes = expected.nodes else { return }
        let shell = try OfflineShell(fixture: name) { options in
            options.offline?.skipsDamage = ["gap-after-snapshot", "log-only-trusted"].contains(name)
        }
        let listed = try await shell.output("ls -R /").split(separator: "\n").map(String.init)
        // Names that are no text are recorded in hex; they are compared where paths are bytes.
        let texts = nodes.filter { !$0.key.hasPrefix("\u{0}") }
        #expect(listed.count == nodes.count)
        #expect(Set(texts.keys).isSubset(of: listed))
        for (path, node) in texts where listed.contains(path) {
            let quoted = ShellQuoting.quoted(path)
            let stat = try await shell.output("stat \(quoted)")
            for (line, key) in [("cZxid", "czxid"), ("mZxid", "mzxid"), ("pZxid", "pzxid")] {
                #expect(stat.contains("\(line) = \(Zxid(rawValue: node.stat[key]!))\n"), "\(path)")
            }
            for key in ["cversion", "dataLength", "numChildren"] {
                #expect(stat.contains("\(key) = \(node.stat[key]!)\n"), "\(path)")
            }
            #expect(stat.contains("dataVersion = \(node.stat["version"]!)\n"))
            let acl = try await shell.output("getAcl \(quoted)")
            // In a line of an ACL, what separates entries is written as %2C.
            for entry in node.acl where !entry.id.contains(",") {
                #expect(acl.contains("'\(entry.scheme),'\(entry.id)\n"), "\(path)")
            }
        }
    }

    @Test func readingCommandsWork() async throws {
        let shell = try OfflineShell(fixture: "all-txns")
        #expect(try await shell.output("get /a") == "v3\n")
        #expect(try await shell.output("exists /a") != "")
        #expect(try await shell.output("ls '/eph'") == "[a-0000000004, a1, a2]\n")
        #expect(try await shell.output("ls /e*") == "[a-0000000004, a1, a2]\n")
        #expect(try await shell.output("cd /eph && pwd") == "/eph\n")
        #expect(try await shell.output("count /") == "29\n")
        #expect(try await shell.output("getAllChildrenNumber /") == "29\n")
        #expect(try await shell.output("find / --type c") == "/cont2\n/cont3\n/m/c\n")
        #expect(try await shell.output("find / --type t") == "/m/t\n/ttl-long\n/ttlseq-0000000007\n")
        #expect(try await shell.output("getEphemerals --all") == "[/eph/a-0000000004, /eph/a1, /eph/a2, /m/e]\n")
        #expect(try await shell.output("sessions").contains("0x10000269db80003       30000      0"))
        #expect(try await shell.output("ls -l /").contains("container"))
        #expect(await shell.run("get /missing").status == 4)
        #expect(try await shell.output("du /").contains("/m"))
        #expect(try await shell.output("grep v3 /").contains("/a"))
        #expect(try await shell.output("export /m").contains(#""path":"/m/c""#))
    }

    @Test(arguments: [
        "set /a x", "create /x", "delete /a", "deleteall /a", "setAcl /a world:anyone:r", "setquota -n 1 /a",
        "reconfig -remove 1", "mv /a /b", "cp /a /b",
    ])
    func whatWritesIsRefused(line: String) async throws {
        let result = await (try OfflineShell(fixture: "all-txns")).run(line)
        #expect(result.status == 10)
        #expect(result.errors.count == 1 && result.errors[0].contains("never changes it"), "\(result.errors)")
    }

    @Test(arguments: ["whoami", "get -w /a", "sync /", "status", "connect", "close", "srvr", "addwatch /a", "mntr"])
    func whatNeedsAServerIsRefused(line: String) async throws {
        let result = await (try OfflineShell(fixture: "all-txns")).run(line)
        #expect(result.status == 10, "\(result)")
    }

    struct Wrong: Sendable, CustomTestStringConvertible {
        var fixture: String
        var moment = Moment.now
        var status: Int32
        var says: [String]

        var testDescription: String { "\(fixture) \(moment)" }
    }

    @Test(arguments: [
        Wrong(fixture: "bad-crc-middle", status: 11, says: ["log.1, byte 3978", "Readable up to 0x29", "--at"]),
        Wrong(fixture: "bad-length-huge", status: 11, says: ["log.1, byte 3978", "the file ends within a record"]),
        Wrong(fixture: "gap-between-logs", status: 11, says: ["log.20, byte 16", "missing", "--skip-damage"]),
        Wrong(fixture: "snapshot-bad-only", status: 11, says: ["snapshot.3e, byte"]),
        Wrong(fixture: "log-only", status: 11, says: ["no snapshot", "--skip-damage"]),
        Wrong(fixture: "all-txns", moment: .zxid(Zxid(rawValue: 0x3f)), status: 11, says: ["end at 0x3e"]),
        Wrong(fixture: "all-txns", moment: .time(millis: 5), status: 11, says: ["earliest", "0x1"]),
        Wrong(fixture: "snapshot-only", moment: .zxid(Zxid(rawValue: 3)), status: 11, says: ["snapshot.3e", "0x3e"]),
        Wrong(fixture: "none", status: 74, says: ["No such file"]),
        Wrong(fixture: "all-txns/txns.json", status: 2, says: ["no data directory"]),
    ])
    func eachFaultGetsOneLine(wrong: Wrong) async throws {
        let shell = try OfflineShell(fixture: wrong.fixture) { $0.offline?.moment = wrong.moment }
        let result = await shell.run("ls /")
        #expect(result.status == wrong.status)
        #expect(result.output.isEmpty)
        #expect(result.errors.count == 1)
        for text in wrong.says { #expect(result.errors[0].contains(text), "\(result.errors)") }
    }

    @Test func theFilesAreReadOnceAndTellOnce() async throws {
        let shell = try OfflineShell(fixture: "torn-tail")
        let first = await shell.run("ls /")
        #expect(first.errors.count == 1 && first.errors[0].contains("not whole"))
        #expect(await shell.run("ls /").errors.isEmpty)
    }

    @Test func aServerTellsNoContainers() async throws {
        let harness = try await ShellHarness()
        let result = await harness.run("find / --type c")
        #expect(result.status == 2 && result.errors[0].contains("--offline"))
    }

    @Test func thePromptNamesFilesAndMoment() throws {
        let now = try OfflineShell(fixture: "all-txns")
        #expect(ShellPrompt(session: now.session, commandNumber: 0).text == "[offline all-txns @now] /> ")
        let past = try OfflineShell(fixture: "all-txns") { $0.offline?.moment = .zxid(Zxid(rawValue: 0x1f)) }
        #expect(ShellPrompt(session: past.session, commandNumber: 0).text == "[offline all-txns @0x1f] /> ")
    }
}
