import Foundation
import Support
import Testing

/// A secret is planted wherever one may be given, and looked for in all that is written.
@Suite(.serialized, .timeLimit(.minutes(2))) struct SecretsTests {
    private static let secret = "pl4nted-s3cret"

    /// A home of its own, whose files are searched as well.
    private struct Scene {
        let files: TemporaryDirectory

        var environment: [String: String] {
            ["HOME": files.path, "XDG_STATE_HOME": files.path("state"), "PATH": "/usr/bin:/bin", "TERM": "dumb"]
        }

        func write(_ name: String, _ text: String) throws -> String {
            try Data(text.utf8).write(to: files.url(name))
            chmod(files.path(name), 0o600)
            return files.path(name)
        }
    }

    private func run(_ scene: Scene, _ arguments: [String], input: String = "") async throws -> String {
        let result = try await ChildProcess.run(
            BuiltProduct.zoosh, arguments, environment: scene.environment, input: Array(input.utf8))
        return result.outputText + result.errorText
    }

    @Test func noneIsWrittenAnywhere() async throws {
        let secret = Self.secret
        let scene = Scene(files: try TemporaryDirectory())
        let jaas = try scene.write(
            "jaas-in",
            "Server { org.apache.zookeeper.server.auth.DigestLoginModule required user_bob=\"\(secret)\"; };\n"
                + "Client { org.apache.zookeeper.server.auth.DigestLoginModule required username=\"bob\" "
                + "password=\"\(secret)\"; };\n")
        let identities = try scene.write("identities-in", "digest:bob:\(secret)\n")
        let password = try scene.write("password-in", secret + "\n")
        let properties = try scene.write(
            "properties-in", "zookeeper.sasl.client=true\njava.security.auth.login.config=\(jaas)\n")
        let broken = try scene.write("broken-in", "Server { what.Module required user_bob=\"\(secret)\" ; ;; }")
        let server = try await ZooshServer.start(
            ["--memory", "--jaas", jaas, "--log", "trace", "--4lw", "*", "--admin", "0"], environment: scene.environment
        )
        let servers = ["-s", server.connectString, "-v", "-v", "--trace", scene.files.path("trace")]
        var texts: [String] = []

        let everything =
            "whoami\ncreate /a\nget /nowhere\nset -v 9 /a x\naddauth digest bob:\(secret)\n"
            + "addauth nonsense bob:\(secret)\nwhoami\ngetAcl /a\nsetAcl /a auth::cdrwa\nget /a\nhistory\n"
        texts.append(try await run(scene, servers + ["-f", "-"], input: everything))
        texts.append(try await run(scene, servers + ["--json", "-f", "-"], input: everything))
        texts.append(try await run(scene, servers + ["--auth-file", identities, "whoami"]))
        texts.append(try await run(scene, servers + ["-a", "digest:bob:\(secret)", "getAcl", "/a"]))
        texts.append(try await run(scene, servers + ["-a", "bob\(secret)", "whoami"]))
        texts.append(
            try await run(scene, servers + ["--sasl-user", "bob", "--sasl-password-file", password, "whoami"]))
        texts.append(
            try await run(scene, servers + ["--sasl-user", "eve", "--sasl-password-file", password, "whoami"]))
        texts.append(try await run(scene, servers + ["--client-configuration", properties, "whoami"]))
        texts.append(try await run(scene, ["server", "--memory", "--port", "0", "--jaas", broken]))
        texts.append(
            try await run(scene, ["server", "--memory", "--port", "0", "--super", "super:\(secret)", "--", "true"]))
        for word in ["conf", "envi", "cons", "dump", "mntr", "srvr"] {
            texts.append(try await Loopback.ask(word, port: server.port))
        }
        for (index, text) in texts.enumerated() { #expect(!text.contains(secret), "output \(index): \(text)") }
        #expect(texts[2].contains("digest: bob"), "the identity itself is told: \(texts[2])")
        #expect(!server.messages.contains(secret), "\(server.messages)")
        await server.stop()

        let state = FileManager.default.enumerator(atPath: scene.files.path)
        while let name = state?.nextObject() as? String {
            guard !name.hasSuffix("-in"), let data = FileManager.default.contents(atPath: scene.files.path(name)) else {
                continue
            }
            #expect(data.range(of: Data(secret.utf8)) == nil, "\(name)")
        }
    }

    /// What `ps` shows of a process that was given its secrets in files.
    @Test func processTitlesHaveNone() async throws {
        let scene = Scene(files: try TemporaryDirectory())
        let identities = try scene.write("identities", "digest:bob:\(Self.secret)\n")
        let server = try await ZooshServer.start()
        let child = try ChildProcess(
            BuiltProduct.zoosh, ["-s", server.connectString, "--auth-file", identities, "lock", "/l"],
            environment: scene.environment, output: scene.files.path("out"))
        try await eventually("it holds the lock") {
            FileManager.default.contents(atPath: scene.files.path("out"))?.isEmpty == false
        }
        for name in ["cmdline", "environ", "comm"] {
            let data = try Data(contentsOf: URL(filePath: "/proc/\(child.pid)/\(name)"))
            #expect(data.range(of: Data(Self.secret.utf8)) == nil, "\(name)")
        }
        child.signal(SIGTERM)
        #expect(await child.waitForExit() == .status(143))
        await server.stop()
    }
}
