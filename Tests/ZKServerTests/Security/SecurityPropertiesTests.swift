import Foundation
import Support
import Testing
import ZKCore

@testable import ZKServer

@Suite("Who gets in, by zoo.cfg", .timeLimit(.minutes(10)))
struct SecurityPropertiesTests {
    private func configuration(
        _ values: [String: String], hasPlainPort: Bool = true
    ) throws(ConfigurationError) -> ServerConfiguration {
        var properties = SecurityProperties()
        for (key, value) in values {
            let isTaken = properties.take(key, value)
            #expect(isTaken, "\(key)")
        }
        var configuration = ServerConfiguration()
        try properties.apply(to: &configuration, hasPlainPort: hasPlainPort)
        return configuration
    }

    @Test func readsTheSecurePort() throws {
        let configuration = try configuration(
            [
                "secureClientPort": "2281", "secureClientPortAddress": "0.0.0.0", "ssl.keyStore.location": "/k.pem",
                "ssl.keyStore.password": "p", "ssl.trustStore.location": "/t.pem",
                "ssl.enabledProtocols": "TLSv1.3",
            ], hasPlainPort: false)
        let tls = try #require(configuration.tls)
        #expect(tls.port == 2281 && tls.host == "0.0.0.0" && tls.certificateChainFile == "/k.pem")
        #expect(tls.privateKeyPassword == "p" && tls.trustRootsFile == "/t.pem" && tls.demandsTLS13)
        #expect(tls.clientAuthentication == .need)
        #expect(!configuration.listensPlain)
        #expect(configuration.registeredSchemes == ["x509"])
        #expect(!"\(tls)".contains("\"p\""))
    }

    @Test(
        arguments: [
            (["secureClientPort": "x"], "whole number"), (["secureClientPort": "65536"], "whole number"),
            (["secureClientPort": "1"], "ssl.keyStore.location"),
            (["secureClientPort": "1", "ssl.keyStore.location": "/k.jks", "ssl.keyStore.type": "JKS"], "only PEM"),
            (
                ["secureClientPort": "1", "ssl.keyStore.location": "/k", "ssl.clientAuth": "maybe"],
                "need, want or none"
            ),
            (["secureClientPort": "1", "ssl.keyStore.location": "/k", "ssl.enabledProtocols": "TLSv1.1"], "TLSv1.2"),
            (["sessionRequireClientSASLAuth": "true"], "there are no users"),
            (["enforce.auth.enabled": "true"], "needs enforce.auth.schemes"),
            (["enforce.auth.enabled": "true", "enforce.auth.schemes": "kerberos"], "no scheme kerberos"),
            (["java.security.auth.login.config": "/nonexistent/jaas"], "cannot be read"),
        ] as [([String: String], String)])
    func refuses(values: [String: String], text: String) {
        let error = #expect(throws: ConfigurationError.self) { try configuration(values) }
        #expect(error?.description.contains(text) == true, "\(error?.description ?? "")")
    }

    @Test func requiresSchemes() throws {
        let values = ["enforce.auth.enabled": "true", "enforce.auth.schemes": "digest, x509"]
        #expect(try configuration(values).requiredSchemes == ["digest", "x509"])
        #expect(try configuration(["enforce.auth.schemes": "digest"]).requiredSchemes == [])
    }

    @Test func readsTheUsersOfAJAASFile() throws {
        let directory = try TemporaryDirectory()
        let text = """
            /* users
               of the server */
            Client { other.Module optional x=y; };
            Server {
                org.apache.zookeeper.server.auth.DigestLoginModule required  // a note
                user_boss="boss;\\"}secret"
                # another
                user_bob=plain;
            };
            """
        try Data(text.utf8).write(to: directory.url("jaas"))
        let configuration = try configuration([
            "java.security.auth.login.config": directory.path("jaas"), "superUser": "boss",
            "sessionRequireClientSASLAuth": "true",
        ])
        let sasl = try #require(configuration.sasl)
        #expect(sasl.users == ["boss": "boss;\"}secret", "bob": "plain"])
        #expect(sasl.superUser == "boss")
        #expect(configuration.requiredSchemes == ["sasl"])
        #expect(configuration.registeredSchemes == ["sasl"])
        for text in ["\(sasl)", String(reflecting: sasl), "\(configuration)", String(reflecting: configuration)] {
            #expect(!text.contains("secret") && !text.contains("plain\""), "\(text)")
        }
    }

    @Test(
        arguments: [
            ("Server { DigestLoginModule required user_a=\"hush", 1), ("Server {\n DigestLoginModule\n}", 3),
            ("Server {\n DigestLoginModule required user_a hush; };", 2), ("Server", 1), ("/* hush", 1),
            ("Server { DigestLoginModule required user_a=\"hush\"; }", 1),
        ])
    func namesTheLineOfAJAASFileAndDoesNotQuoteIt(text: String, line: Int) {
        let error = #expect(throws: JAASError.self) { try JAASConfiguration(text) }
        #expect(error?.line == line)
        #expect(error?.reason.contains("hush") == false)
    }

    @Test func saysWhoGetsInBeyondLoopback() {
        var configuration = ServerConfiguration()
        #expect(configuration.securityNotices.isEmpty)
        for host in ["localhost", "127.0.0.5", "::1"] {
            configuration.host = host
            #expect(configuration.securityNotices.isEmpty, "\(host)")
        }
        for host in ["0.0.0.0", "::", "10.0.0.1", "127.example.org"] {
            configuration.host = host
            #expect(configuration.securityNotices.first?.contains("everybody who reaches it gets in") == true)
        }
        configuration.requiredSchemes = ["sasl"]
        #expect(configuration.securityNotices.first?.contains("has no TLS") == true)
        configuration.listensPlain = false
        configuration.tls = ServerTLSOptions(port: 1, certificateChainFile: "/nonexistent", trustRootsFile: "/ca")
        #expect(configuration.securityNotices.isEmpty)
        configuration.requiredSchemes = []
        configuration.tls?.clientAuthentication = .want
        #expect(configuration.securityNotices.first?.contains("demands neither") == true)
        configuration.superDigest = "super:x"
        configuration.skipACL = true
        #expect(configuration.securityNotices.first?.contains("skipACL") == true)
        #expect(configuration.securityNotices.contains { $0.contains("super user") })
    }
}
