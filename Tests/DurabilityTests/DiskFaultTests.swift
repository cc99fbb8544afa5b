import Foundation
import Support
import Testing
import ZKClient
import ZKCore
import ZKStore

@testable import ZKServer

/// A disk that fails under a real server: it stops, says why, and nothing acknowledged is lost.
@Suite(.timeLimit(.minutes(5))) struct DiskFaultTests {
    private static func client(_ port: Int) throws -> ZooKeeperClient {
        var configuration = ClientConfiguration(connectString: try ConnectString("127.0.0.1:\(port)"))
        configuration.sessionTimeout = .seconds(60)
        configuration.closeTimeout = .milliseconds(1)
        configuration.requestTimeout = .seconds(20)
        return ZooKeeperClient(configuration: configuration)
    }

    /// Creates znodes one after the other until one is not acknowledged; returns those that were.
    private static func fill(_ client: ZooKeeperClient, dataBytes: Int) async -> [ZnodePath] {
        var acknowledged: [ZnodePath] = []
        for number in 0..<2_000 {
            do {
                let path = try ZnodePath("/n\(number)")
                try await client.create(path, data: [UInt8](repeating: UInt8(number & 0xff), count: dataBytes))
                acknowledged.append(path)
            } catch {
                break
            }
        }
        return acknowledged
    }

    private static func expectThere(_ paths: [ZnodePath], dataBytes: Int, _ port: Int) async throws {
        let client = try Self.client(port)
        for (number, path) in paths.enumerated() {
            let data = try await client.getData(path).data
            #expect(data == [UInt8](repeating: UInt8(number & 0xff), count: dataBytes), "\(path)")
        }
        await client.close()
    }

    @Test func aFullDiskStopsTheServer() async throws {
        let directory = try TemporaryDirectory()
        let server = try ServerProcess(dataDirectory: directory.path("data"))
        try await server.start(fileBytesMax: 299_520)
        let client = try Self.client(Int(server.port))
        let acknowledged = await Self.fill(client, dataBytes: 1000)
        #expect(acknowledged.count > 100)
        #expect(acknowledged.count < 1_000)
        #expect(await server.exitStatus() == .status(74))
        let message = server.errors.split(separator: "\n").last.map(String.init) ?? ""
        #expect(message.contains("version-2/log.1"), "\(message)")
        #expect(message.contains("File too large"), "\(message)")
        #expect(message.contains("nothing acknowledged is lost"), "\(message)")
        // Still full: the log goes on in another file, which is below the limit.
        try await server.start()
        try await Self.expectThere(acknowledged, dataBytes: 1000, Int(server.port))
        await client.close()
        await server.kill()
    }

    @Test func aFailedSyncIsTheEnd() async throws {
        let directory = try TemporaryDirectory()
        let disk = FailingSync(40, errno: EIO)
        var configuration = ServerConfiguration()
        configuration.dataDirectory = directory.path("data")
        configuration.preallocationBytes = 64 << 10
        configuration.fileSystem = disk.fileSystem
        let server = try await EmbeddedServer.start(configuration)
        let client = try Self.client(server.port)
        let acknowledged = await Self.fill(client, dataBytes: 10)
        // The first one is the session's.
        #expect(acknowledged.count == 38)
        let error = await #expect(throws: StoreError.self) { try await server.waitUntilStopped() }
        #expect(error?.kind == .system(errno: EIO))
        #expect(error?.file.hasSuffix("version-2/log.1") == true)
        // Nobody asks this disk again.
        #expect(disk.syncCount == 40)
        await client.close()
        try await server.shutdown()
        #expect(disk.syncCount == 40)

        configuration.fileSystem = PosixFileSystem()
        let second = try await EmbeddedServer.start(configuration)
        try await Self.expectThere(acknowledged, dataBytes: 10, second.port)
        // Refused, not lost by accident: the txn that was not acknowledged is not there either.
        let reader = try Self.client(second.port)
        #expect(try await reader.exists("/n38") == nil)
        await reader.close()
        try await second.shutdown()
    }
}
