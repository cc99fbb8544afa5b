import Foundation
import Support
import Testing

@testable import ZKServer

/// What a client with several certificates goes by, when it chooses one.
@Suite("CertificateRequest", .timeLimit(.minutes(2)))
struct CertificateRequestTests {
    /// In TLS 1.2 this part of the handshake is not encrypted.
    private static let clientHello: [UInt8] = {
        func sized(_ bytes: [UInt8], _ width: Int) -> [UInt8] {
            (0..<width).reversed().map { UInt8(truncatingIfNeeded: bytes.count >> (8 * $0)) } + bytes
        }
        // Curves, formats of points, algorithms of signatures.
        let extensions: [UInt8] =
            [0, 10] + sized(sized([0, 29, 0, 23], 2), 2) + [0, 11] + sized([1, 0], 2)
            + [0, 13] + sized(sized([4, 3, 8, 4, 4, 1], 2), 2)
        let suites: [UInt8] = [0xC0, 0x2B, 0xC0, 0x2F]
        let hello = [3, 3] + [UInt8](repeating: 7, count: 32) + [0] + sized(suites, 2) + [1, 0] + sized(extensions, 2)
        return [22, 3, 1] + sized([1] + sized(hello, 3), 2)
    }()

    /// The whole handshake messages, by type, of as many records as there are.
    private static func messages(_ bytes: [UInt8]) -> [UInt8: [UInt8]] {
        func number(_ bytes: ArraySlice<UInt8>) -> Int { bytes.reduce(0) { $0 << 8 | Int($1) } }
        var (handshake, rest): ([UInt8], ArraySlice<UInt8>) = ([], bytes[...])
        while rest.count >= 5, rest.first == 22 {
            let length = number(rest.dropFirst(3).prefix(2))
            guard rest.count >= 5 + length else { break }
            handshake += rest.dropFirst(5).prefix(length)
            rest = rest.dropFirst(5 + length)
        }
        var messages: [UInt8: [UInt8]] = [:]
        rest = handshake[...]
        while let type = rest.first, rest.count >= 4 {
            let length = number(rest.dropFirst().prefix(3))
            guard rest.count >= 4 + length else { break }
            messages[type] = Array(rest.dropFirst(4).prefix(length))
            rest = rest.dropFirst(4 + length)
        }
        return messages
    }

    @Test func namesTheAuthoritiesWhoseCertificatesAreTaken() async throws {
        func path(_ name: String) -> String { Fixtures.url("tls/\(name)").path }
        var configuration = ServerConfiguration()
        configuration.tls = ServerTLSOptions(
            port: 0, certificateChainFile: path("server.pem"), privateKeyFile: path("server.key"),
            trustRootsFile: path("ca.pem"), clientAuthentication: .need)
        let server = try await EmbeddedServer.start(configuration)
        let client = try RawClient(port: try #require(server.securePort))
        try client.send(Self.clientHello)
        let (request, helloDone): (UInt8, UInt8) = (13, 14)
        let bytes = try client.receive { Self.messages($0)[helloDone] != nil }
        let names = String(decoding: try #require(Self.messages(bytes)[request]), as: UTF8.self)
        #expect(names.contains("Test CA"))
        client.close()
        try await server.shutdown()
    }
}
