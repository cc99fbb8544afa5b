import Foundation
import ShellLanguage
import Support
import Testing
import ZKClient

@testable import ZKShell

@Suite("TLS, SASL and identities of the command line", .timeLimit(.minutes(1)))
struct SecurityOptionsTests {
    private func configuration(
        _ words: [String], environment: [String: String] = [:]
    ) throws -> (client: ClientConfiguration, options: ShellOptions) {
        let launch = try Launch(words: words.map { Word($0) }, programName: "zoosh") { environment[$0] }
        return (try ClientConfiguration(shellOptions: launch.options), launch.options)
    }

    @Test func withoutOptionsThereIsNoTLS() throws {
        #expect(try configuration([]).client.tls == nil)
        #expect(try configuration([]).client.sasl == nil)
    }

    @Test(arguments: [
        ["--tls"], ["--tls-ca", "/ca"], ["--tls-server-name", "n"], ["--tls-insecure"], ["-s", "zks://h:1"],
    ])
    func eachOfTheOptionsMeansTLS(words: [String]) throws {
        #expect(try configuration(words).client.tls != nil)
    }

    @Test func takesFilesFromOptionsBeforeEnvironment() throws {
        let environment = ["ZOOSH_TLS": "1", "ZOOSH_TLS_CA": "/env-ca", "ZOOSH_TLS_CERT": "/env-cert"]
        let tls = try #require(
            try configuration(["--tls-ca", "/ca", "--tls-key", "/key"], environment: environment).client.tls)
        #expect(tls.trustRootsFile == "/ca" && tls.certificateChainFile == "/env-cert" && tls.privateKeyFile == "/key")
        #expect(tls.verification == .full)
        #expect(try configuration(["--tls-insecure"]).client.tls?.verification == TLSOptions.Verification.none)
    }

    @Test func readsIdentitiesAndPasswordsFromFiles() throws {
        let directory = try TemporaryDirectory()
        try Data("# mine\ndigest:joe:secret\nip:\n".utf8).write(to: directory.url("auth"))
        try Data("bobsecret\n".utf8).write(to: directory.url("password"))
        let (client, _) = try configuration([
            "--auth-file", directory.path("auth"), "--sasl", "DIGEST-MD5", "--sasl-user", "bob", "--sasl-password-file",
            directory.path("password"),
        ])
        #expect(client.auth.map(\.scheme) == ["digest", "ip"])
        #expect(client.auth.first?.credentials == Array("joe:secret".utf8))
        #expect(client.sasl == .digestMD5(user: "bob", password: "bobsecret"))
        #expect(!"\(client)".contains("secret"))
    }

    @Test func understandsTheFileOfTheJavaClient() throws {
        let directory = try TemporaryDirectory()
        let jaas = "Client { a.b.DigestLoginModule required username=\"bob\" password=\"bobsecret\"; };"
        try Data(jaas.utf8).write(to: directory.url("jaas"))
        let text = """
            zookeeper.client.secure=true
            zookeeper.clientCnxnSocket=org.apache.zookeeper.ClientCnxnSocketNetty
            zookeeper.ssl.trustStore.location=/ca.pem
            zookeeper.ssl.keyStore.location=/client.pem
            zookeeper.ssl.hostnameVerification=false
            java.security.auth.login.config=\(directory.path("jaas"))
            zookeeper.request.timeout=5
            """
        try Data(text.utf8).write(to: directory.url("properties"))
        let (client, options) = try configuration(["-client-configuration", directory.path("properties")])
        #expect(client.tls?.trustRootsFile == "/ca.pem")
        #expect(client.tls?.privateKeyFile == "/client.pem")
        #expect(client.tls?.verification == .withoutHostname)
        #expect(client.sasl == .digestMD5(user: "bob", password: "bobsecret"))
        #expect(options.notices.count == 1 && options.notices[0].contains("zookeeper.request.timeout"))
    }

    @Test(arguments: [
        ["--sasl", "GSSAPI", "--sasl-user", "x"], ["--sasl", "DIGEST-MD5"],
        ["--sasl-user", "x", "--no-input"], ["--auth-file", "-", "--no-input"], ["--auth-file", "/nonexistent/auth"],
    ])
    func refusesWhatItCannotDo(words: [String]) {
        #expect(throws: ShellError.self) { try configuration(words) }
    }
}
