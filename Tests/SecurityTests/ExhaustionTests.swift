import Foundation
import Glibc
import Support
import Testing
import ZKClient
import ZKCore

/// A server that may open few files, and more clients than that.
@Suite(.serialized, .timeLimit(.minutes(2))) struct ExhaustionTests {
    private func connect(_ port: UInt16) -> Int32? {
        let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = port.bigEndian
        address.sin_addr.s_addr = UInt32(0x7f00_0001).bigEndian
        let result = withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                Glibc.connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
        guard result == 0 else {
            close(descriptor)
            return nil
        }
        return descriptor
    }

    @Test func runningOutOfDescriptorsPassesAgain() async throws {
        let files = try TemporaryDirectory()
        let command =
            "ulimit -n 64; exec '\(BuiltProduct.zoosh)' server --port 0 --port-file \(files.path("port")) "
            + "--data-dir \(files.path("data")) --max-client-cnxns 0 --snap-count 50"
        let server = try ChildProcess("sh", ["-c", command], output: files.path("log"))
        try await eventually("it listens") { FileManager.default.fileExists(atPath: files.path("port")) }
        let text = try String(contentsOf: files.url("port"), encoding: .utf8)
        let port = try #require(UInt16(text.trimmingCharacters(in: .whitespacesAndNewlines)))
        let servers = "127.0.0.1:\(port)"
        let client = ZooKeeperClient(configuration: ClientConfiguration(connectString: try ConnectString(servers)))
        try await client.waitUntilConnected(timeout: .seconds(20))
        try await client.create("/x", data: [0])

        for round in 1...3 {
            let connections = (0..<200).compactMap { _ in connect(port) }
            #expect(connections.count > 64)
            // The one that was there before is served all the while, though logs and snapshots need files as well.
            for number in 0..<60 { try await client.setData("/x", data: [UInt8(number)]) }
            #expect(server.isRunning, "round \(round)")
            for connection in connections { close(connection) }
            // And so are new ones, as soon as there is room.
            try await eventually("a new client is served") {
                (try? await Loopback.ask("ruok", port: port, limit: .seconds(2))) == "imok"
            }
        }
        #expect(try await client.getData("/x").data == [59])
        await client.close()
        server.signal(SIGTERM)
        #expect(await server.waitForExit() == .status(0))
    }

    /// A pipe for stderr that nobody reads takes 64 KiB, and then nothing.
    @Test func stderrThatNobodyReadsHoldsUpNobody() async throws {
        let files = try TemporaryDirectory()
        #expect(mkfifo(files.path("stderr"), 0o600) == 0)
        let pipe = open(files.path("stderr"), O_RDWR | O_CLOEXEC)
        defer { close(pipe) }
        let server = try ChildProcess(
            BuiltProduct.zoosh,
            ["server", "--port", "0", "--port-file", files.path("port"), "--memory", "--max-client-cnxns", "0"],
            errors: files.path("stderr"))
        try await eventually("it listens") { FileManager.default.fileExists(atPath: files.path("port")) }
        let text = try String(contentsOf: files.url("port"), encoding: .utf8)
        let port = try #require(UInt16(text.trimmingCharacters(in: .whitespacesAndNewlines)))
        let hello: [UInt8] =
            [0, 0, 0, 45] + [UInt8](repeating: 0, count: 14) + [0x75, 0x30] + [UInt8](repeating: 0, count: 11) + [16]
            + [UInt8](repeating: 0, count: 17)
        for _ in 0..<1000 {
            let connection = try #require(connect(port))
            // A session, and a frame of a length that cannot be.
            let bytes = hello + [0xFF, 0xFF, 0xFF, 0xFF]
            #expect(send(connection, bytes, bytes.count, Int32(MSG_NOSIGNAL)) == bytes.count)
            var answer = [UInt8](repeating: 0, count: 100)
            while recv(connection, &answer, answer.count, 0) > 0 {}
            close(connection)
        }
        #expect(try await Loopback.ask("ruok", port: port, limit: .seconds(10)) == "imok")
        server.signal(SIGTERM)
        #expect(await server.waitForExit() == .status(0))
    }
}
