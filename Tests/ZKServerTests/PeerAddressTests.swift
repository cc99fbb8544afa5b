import NIOCore
import Testing
import ZKCore
import ZKWire

@testable import ZKServer

@Suite("Addresses of clients", .timeLimit(.minutes(2)))
struct PeerAddressTests {
    @Test(arguments: [
        ("127.0.0.1", "127.0.0.1", "127.0.0.1:7"), ("::ffff:10.1.2.3", "10.1.2.3", "10.1.2.3:7"),
        ("::1", "0:0:0:0:0:0:0:1", "[0:0:0:0:0:0:0:1]:7"),
        ("2001:db8::a:0:ff", "2001:db8:0:0:0:a:0:ff", "[2001:db8:0:0:0:a:0:ff]:7"),
    ])
    func areWrittenAsJavaWritesThem(address: String, host: String, text: String) throws {
        let peer = PeerAddress(try SocketAddress(ipAddress: address, port: 7))
        #expect(peer.host == host)
        #expect(peer.text == text)
    }

    /// A socket that listens for both sees IPv4 clients as IPv6 ones.
    @Test func anIPv4ClientOfADualStackListenerIsOne() async throws {
        var configuration = ServerConfiguration()
        configuration.host = "::"
        configuration.fourLetterWords = ["*"]
        // Where there is no IPv6 there is nothing to tell apart.
        guard let server = try? await EmbeddedServer.start(configuration) else { return }
        let client = try RawClient(port: server.port)
        try client.connect()
        let acl = [ACL(perms: .all, scheme: "ip", id: "127.0.0.1")]
        #expect(try client.ask(Requests.create(1, "/mine", acl: acl)).header.err == .ok)
        #expect(try client.ask(Requests.getData(2, "/mine")).header.err == .ok)
        let asker = try RawClient(port: server.port)
        try asker.send(Array("cons".utf8))
        #expect(String(decoding: try asker.receiveAll(), as: UTF8.self).hasPrefix(" /127.0.0.1:"))
        try await server.shutdown()
    }
}
