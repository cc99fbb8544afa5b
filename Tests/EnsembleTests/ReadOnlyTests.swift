import Support
import Testing
import ZKClient
import ZKCore

/// One server of three is left, and serves reads.
@Suite(.serialized, .timeLimit(.minutes(4))) struct ReadOnlyTests {
    @Test func aPartitionedServerIsReadWithMinusR() async throws {
        var options = ApacheOptions.standard
        options.properties["readonlymode.enabled"] = "true"
        // Without it a read-only server makes no session for anybody.
        options.configuration["localSessionsEnabled"] = "true"
        let ensemble = try await ApacheEnsemble.start(size: 3, options)
        let servers = ensemble.connectString
        #expect(try await zoosh(servers, "create", "/x", "kept").status == 0)
        let survivor = ensemble.members[0]
        #expect(try await zoosh(survivor.connectString, "sync", "/x").status == 0)
        for member in ensemble.members[1...] { await member.kill() }
        try await eventually(within: .seconds(60), "a read-only server") {
            let answer = try? await Loopback.ask("isro", port: survivor.port, limit: .seconds(2))
            return answer == "ro"
        }

        let read = try await zoosh(servers, "get", "/x", options: ["-r", "--connect-timeout", "30s"])
        #expect(read.status == 0 && read.outputText == "kept\n", "\(read.errorText)")
        let write = try await zoosh(servers, "set", "/x", "lost", options: ["-r"])
        #expect(write.status == 10)
        let readWrite = try await zoosh(servers, "get", "/x", options: ["--connect-timeout", "2s"])
        #expect(readWrite.status == 3, "without -r it is not good enough")
        #expect(readWrite.errorText.contains(survivor.connectString))
        let status = try await zoosh(servers, "status")
        #expect(status.status == 3)
        #expect(status.outputText.contains("read-only at best"), "\(status.outputText)")

        // A read-only session of the library goes to a server that takes writes as soon as there is one.
        let client = try await readOnlySession(servers)
        #expect(client.state == .connectedReadOnly)
        #expect(try await client.getData("/x").data == bytes("kept"))
        try ensemble.members[1].launch()
        try await eventually(within: .seconds(90), "a server that takes writes") { client.state == .connected }
        try await client.setData("/x", data: bytes("new"))
        await client.close()
        await ensemble.stop()
    }

    @Test func aReadOnlyServerThatMakesNoSessionsSaysSo() async throws {
        var options = ApacheOptions.standard
        options.properties["readonlymode.enabled"] = "true"
        let ensemble = try ApacheEnsemble.prepare(size: 3, options)
        let server = ensemble.members[0]
        try server.launch()
        try await eventually(within: .seconds(60), "a read-only server") {
            (try? await Loopback.ask("isro", port: server.port, limit: .seconds(2))) == "ro"
        }
        let read = try await zoosh(server.connectString, "ls", "/", options: ["-r", "--connect-timeout", "2s"])
        #expect(read.status == 3)
        #expect(read.errorText.contains("the server is read-only and makes no sessions; localSessionsEnabled=true"))
        await ensemble.stop()
    }
}
