import Foundation
import Support
import Testing
import ZKCore
import ZKWire

@testable import ZKServer

@Suite("Four-letter words", .timeLimit(.minutes(10)))
struct FourLetterTests {
    /// A server with two sessions, three ephemerals and five watches, as the recorded one had.
    private static func recordedServer() async throws -> (EmbeddedServer, [RawClient]) {
        var configuration = ServerConfiguration()
        configuration.fourLetterWords = ["*"]
        let server = try await EmbeddedServer.start(configuration)
        let first = try RawClient(port: server.port)
        try first.connect(timeoutMillis: 40_000)
        try first.ask(Requests.create(1, "/a"))
        try first.ask(Requests.create(2, "/a/e1", mode: .ephemeral))
        try first.ask(Requests.create(3, "/a/e2", mode: .ephemeral))
        let second = try RawClient(port: server.port)
        try second.connect(timeoutMillis: 20_000)
        try second.ask(Requests.create(1, "/a/e3", mode: .ephemeral))
        try first.ask(Requests.getData(4, "/a", watch: true))
        try first.ask(Requests.getChildren(5, "/a", watch: true))
        try second.ask(Requests.getData(2, "/a", watch: true))
        try second.ask(Requests.exists(3, "/none", watch: true))
        try second.ask(Requests.request(4, .addWatch, AddWatchRequest(path: "/p", mode: 0)))
        return (server, [first, second])
    }

    private static func ask(_ server: EmbeddedServer, _ word: [UInt8]) throws -> String {
        let client = try RawClient(port: server.port)
        try client.send(word)
        return String(decoding: try client.receiveAll(), as: UTF8.self)
    }

    private static func golden(_ word: String) throws -> String {
        String(decoding: try Fixtures.bytes("fourletter/\(word).txt"), as: UTF8.self)
    }

    /// Digits, hexadecimal numbers and dates as one sign each: what is left is the format.
    private static func shape(_ text: String) -> [String] {
        text.replacing(/Zookeeper version: .*/, with: "Zookeeper version")
            .replacing(/[A-Z][a-z]{2} [A-Z][a-z]{2} +\d+ [\d:]+ \S+ \d{4}/, with: "DATE")
            .replacing(/0x[0-9a-f]+/, with: "H").replacing(/-?\d+(\.\d+)?(E-\d+)?/, with: "N")
            .split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
    }

    @Test(arguments: ["ruok", "isro", "srvr", "wchs", "crst", "srst", "gtmk"])
    func answersInApachesForm(word: String) async throws {
        let (server, clients) = try await Self.recordedServer()
        #expect(Self.shape(try Self.ask(server, Array(word.utf8))) == Self.shape(try Self.golden(word)))
        withExtendedLifetime(clients) {}
        try await server.shutdown()
    }

    /// Those whose lines are in no order.
    @Test(arguments: ["stat", "cons", "wchc", "wchp", "dump"])
    func answersWithApachesLines(word: String) async throws {
        let (server, clients) = try await Self.recordedServer()
        let actual = Self.shape(try Self.ask(server, Array(word.utf8)))
        let expected = Self.shape(try Self.golden(word))
        // Expiry of connections is in ticks of each in Apache; here it is one set.
        if word == "dump" {
            #expect(actual.prefix(13).sorted() == expected.prefix(13).sorted())
        } else {
            #expect(actual.sorted() == expected.sorted())
        }
        withExtendedLifetime(clients) {}
        try await server.shutdown()
    }

    @Test func monitorsUnderAllOfApachesNames() async throws {
        let (server, clients) = try await Self.recordedServer()
        func names(_ text: String) -> Set<Substring> {
            Set(text.split(separator: "\n").compactMap { $0.split(separator: "\t").first })
        }
        let actual = names(try Self.ask(server, Array("mntr".utf8)))
        let expected = names(try Self.golden("mntr")).filter {
            !$0.contains("_pause_time_ms")
        }
        #expect(expected.subtracting(actual).isEmpty)
        withExtendedLifetime(clients) {}
        try await server.shutdown()
    }

    @Test func echoesTheTraceMask() async throws {
        let (server, clients) = try await Self.recordedServer()
        #expect(try Self.ask(server, Array("stmk".utf8) + [0, 0, 0, 0, 0, 0, 1, 0xF2]) == "498")
        #expect(try Self.ask(server, Array("gtmk".utf8)) == "498")
        withExtendedLifetime(clients) {}
        try await server.shutdown()
    }

    @Test func leavesOutWhatIsNotInTheWhitelist() async throws {
        let server = try await EmbeddedServer.start(ServerConfiguration())
        #expect(
            try Self.ask(server, Array("dump".utf8)) == "dump is not executed because it is not in the whitelist.\n")
        #expect(try Self.ask(server, Array("xxxx".utf8)) == "")
        #expect(try Self.ask(server, Array("ruok\n".utf8)) == "imok")
        try await server.shutdown()
    }

    @Test func srvrIsAlwaysAnswered() async throws {
        var configuration = ServerConfiguration()
        configuration.fourLetterWords = ["ruok"]
        let server = try await EmbeddedServer.start(configuration)
        #expect(try Self.ask(server, Array("srvr".utf8)).hasPrefix("Zookeeper version: "))
        #expect(try Self.ask(server, Array("stat".utf8)).contains("not in the whitelist"))
        try await server.shutdown()
    }

    @Test func tellsTheSizesOfReplies() async throws {
        let (server, clients) = try await Self.recordedServer()
        try clients[0].ask(Requests.setData(20, "/a", [UInt8](repeating: 1, count: 5000)))
        try clients[0].ask(Requests.getData(21, "/a"))
        try clients[0].ask(Requests.exists(22, "/a"))
        let text = try Self.ask(server, Array("mntr".utf8))
        #expect(text.contains("zk_last_client_response_size\t84\n"))
        #expect(text.contains("zk_max_client_response_size\t\(16 + 4 + 5000 + 68)\n"))
        #expect(text.contains("zk_min_client_response_size\t16\n"))
        try await server.shutdown()
    }

    @Test func tellsWhatWasReadAndWrittenBelowEachChildOfTheRoot() async throws {
        let server = try await EmbeddedServer.start(ServerConfiguration())
        let client = try RawClient(port: server.port)
        try client.connect()
        try client.ask(Requests.create(1, "/abc", data: [1, 2, 3]))
        try client.ask(Requests.create(2, "/abc/d", data: [1]))
        try client.ask(Requests.setData(3, "/abc/d", []))
        try client.ask(Requests.getData(4, "/abc"))
        try client.ask(Requests.getChildren(5, "/abc"))
        try client.ask(Requests.exists(6, "/abc/d"))
        try client.ask(Requests.exists(7, "/none"))
        try client.ask(Requests.getData(8, "/"))
        let text = try Self.ask(server, Array("mntr".utf8))
        let lines = text.split(separator: "\n").filter { $0.contains("_per_namespace") }
        #expect(
            lines == [
                // The path, the data or the names of the children, and 68 for the stat.
                "zk_avg_abc_read_per_namespace\t74.0", "zk_min_abc_read_per_namespace\t73",
                "zk_max_abc_read_per_namespace\t75", "zk_cnt_abc_read_per_namespace\t3",
                "zk_sum_abc_read_per_namespace\t222", "zk_avg_abc_write_per_namespace\t6.6667",
                "zk_min_abc_write_per_namespace\t6", "zk_max_abc_write_per_namespace\t7",
                "zk_cnt_abc_write_per_namespace\t3", "zk_sum_abc_write_per_namespace\t20",
            ])
        try await server.shutdown()
    }

    /// Their names are up to clients.
    @Test func soManyNamespacesAreToldApart() {
        let stats = NamespaceStats()
        for number in 0..<3000 { Array("/n\(number)/x".utf8).withUnsafeBytes { stats.addWrite($0, bytes: 1) } }
        Array(("/" + String(repeating: "n", count: 5000)).utf8).withUnsafeBytes { stats.addWrite($0, bytes: 1) }
        #expect(stats.all.count == NamespaceStats.namesMax)
        #expect(stats.all.allSatisfy { $0.name.utf8.count <= NamespaceStats.nameBytesMax && $0.counts.count == 1 })
        stats.reset()
        #expect(stats.all.count == NamespaceStats.namesMax)
        #expect(stats.all.allSatisfy { $0.counts.count == 0 })
    }

    /// As `echo wchp | nc` does, which closes its side at once.
    @Test func answersWhoHasClosedItsOwnSide() async throws {
        var configuration = ServerConfiguration()
        configuration.fourLetterWords = ["*"]
        configuration.connectionsPerAddressMax = 0
        let server = try await EmbeddedServer.start(configuration)
        let watcher = try RawClient(port: server.port)
        try watcher.connect()
        for number in 0..<20 as Range<Int32> {
            let name = String(repeating: "x", count: 500_000)
            try watcher.ask(Requests.exists(number, UString("/\(number)\(name)"), watch: true))
        }
        for word in ["wchp", "mntr", "ruok"] {
            let client = try RawClient(port: server.port)
            try client.send(Array(word.utf8))
            client.closeSending()
            let answer = try client.receiveAll()
            #expect(answer.count >= (word == "wchp" ? 10_000_000 : 4), "\(word): \(answer.count)")
        }
        // Who has a session and goes is gone.
        watcher.closeSending()
        #expect(try watcher.receiveFrame() == nil)
        try await server.shutdown()
    }
}
