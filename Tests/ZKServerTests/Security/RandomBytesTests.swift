import Foundation
import Support
import Testing
import ZKCore
import ZKWire

@testable import ZKServer

/// Bytes of chance for everything that listens: the wire, four-letter words, TLS, HTTP. A trap would end the whole test
/// process.
@Suite("Random bytes", .timeLimit(.minutes(10)))
struct RandomBytesTests {
    private static func start() async throws -> EmbeddedServer {
        var configuration = ServerConfiguration()
        configuration.connectionsPerAddressMax = 0
        configuration.fourLetterWords = ["*"]
        configuration.sasl = ServerSASLOptions(users: ["user": "password"])
        configuration.admin.isEnabled = true
        configuration.admin.port = 0
        configuration.metrics.isEnabled = true
        configuration.metrics.port = 0
        func path(_ name: String) -> String { Fixtures.url("tls/\(name)").path }
        configuration.tls = ServerTLSOptions(
            port: 0, certificateChainFile: path("server.pem"), privateKeyFile: path("server.key"),
            trustRootsFile: path("ca.pem"), clientAuthentication: .want)
        return try await EmbeddedServer.start(configuration)
    }

    /// What each listener understands, to be changed in some places.
    private static let seeds: [[UInt8]] = [
        Array("GET /commands/ruok?a=b&c HTTP/1.1\r\nHost: a\r\nAuthorization: digest a:b\r\n\r\n".utf8),
        Array("POST /commands/restore?x HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n".utf8),
        Array("HEAD /metrics HTTP/1.0\r\nContent-Length: 18446744073709551615\r\n\r\n".utf8),
        Array("stmk".utf8) + [0, 0, 0, 0, 0, 0, 1, 0xF2], Array("conf".utf8), Array("wchp".utf8), Array("mntr".utf8),
        // The beginning of a ClientHello.
        [0x16, 3, 1, 0, 0x45, 1, 0, 0, 0x41, 3, 3] + [UInt8](repeating: 7, count: 32) + [
            0, 0, 4, 0x13, 1, 0, 0xFF, 1, 0, 0,
        ],
        Requests.connect() + Requests.create(1, "/a") + Requests.getData(2, "/a", watch: true)
            + Requests.request(3, .sasl, SASLRequest(token: [])) + Requests.request(4, .closeSession),
        Requests.connect()
            + Requests.request(1, .auth, AuthPacket(type: 0, scheme: "digest", auth: Array("a:b".utf8)))
            + Requests.setData(2, "/a", [1, 2, 3]) + Requests.delete(3, "/a"),
    ]

    @Test(arguments: 1...8)
    func endNobody(seed: Int) async throws {
        let server = try await Self.start()
        var random = SeededGenerator(seed: UInt64(seed))
        let ports = [server.port, server.securePort, server.adminPort, server.metricsPort].compactMap(\.self)
        #expect(ports.count == 4)
        for round in 0..<150 {
            for port in ports {
                guard let client = try? RawClient(port: port) else { continue }
                var bytes: [UInt8]
                if round % 3 == 0 {
                    bytes = (0..<Int.random(in: 1...300, using: &random)).map { _ in
                        .random(in: 0...255, using: &random)
                    }
                } else {
                    bytes = Self.seeds.randomElement(using: &random) ?? []
                    for _ in 0..<Int.random(in: 0...6, using: &random) {
                        let place = Int.random(in: 0..<bytes.count, using: &random)
                        switch Int.random(in: 0..<4, using: &random) {
                        case 0: bytes.remove(at: place)
                        case 1: bytes.insert(bytes[place], at: place)
                        case 2:
                            bytes[place] = [0, 0x25, 0x3D, 0x3F, 0x26, 0x80, 0xFF].randomElement(using: &random) ?? 0
                        default: bytes[place] = .random(in: 0...255, using: &random)
                        }
                        if bytes.isEmpty { bytes = [0] }
                    }
                }
                try? client.send(bytes)
                client.close()
            }
        }
        // All of them are served as before.
        let client = try RawClient(port: server.port)
        try client.connect()
        #expect(try client.ask(Requests.exists(1, "/")).header.err == .ok)
        for (port, path) in [(server.adminPort, "/commands/ruok"), (server.metricsPort, "/metrics")] {
            let port = try #require(port)
            try await eventually("port \(port) answers") {
                let client = try RawClient(port: port)
                try? client.send(Array("GET \(path) HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n".utf8))
                return String(decoding: try client.receiveAll(), as: UTF8.self).hasPrefix("HTTP/1.1 200 ")
            }
        }
        try await server.shutdown()
    }
}
