import Foundation
import Glibc
import Support
import Testing
import ZKClient
import ZKCore

/// A server that has no descriptors left for more connections waits for some, and does not spin.
@Suite(.timeLimit(.minutes(10))) struct DescriptorTests {
    @Test func waitsForDescriptors() async throws {
        let directory = try TemporaryDirectory()
        let server = try ServerProcess(dataDirectory: directory.path("data"))
        try await server.start(descriptorsMax: 64)
        var configuration = ClientConfiguration(connectString: try ConnectString(server.connectString))
        configuration.sessionTimeout = .seconds(60)
        let client = ZooKeeperClient(configuration: configuration)
        try await client.create("/before")
        // More than it can take: the rest waits in the queue of the socket.
        var connections = (0..<150).map { _ in Self.connection(to: server.port) }
        defer { for connection in connections { close(connection) } }
        #expect(connections.allSatisfy { $0 >= 0 })
        try await Task.sleep(for: .milliseconds(300))
        let began = server.processorSeconds
        try await Task.sleep(for: .seconds(2))
        #expect(server.processorSeconds - began < 0.5, "it spins")
        // Those who are in are served, and the log goes on.
        try await client.create("/meanwhile")
        for connection in connections { close(connection) }
        connections = []
        let late = ZooKeeperClient(configuration: configuration)
        #expect(try await late.exists("/meanwhile") != nil)
        await late.close()
        await client.close()
        #expect(await server.stop() == .status(0), "\(server.errors)")
    }

    private static func connection(to port: UInt16) -> Int32 {
        let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = in_port_t(port.bigEndian)
        address.sin_addr.s_addr = in_addr_t(UInt32(0x7F00_0001).bigEndian)
        let result = withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
        return result == 0 ? descriptor : -1
    }
}
