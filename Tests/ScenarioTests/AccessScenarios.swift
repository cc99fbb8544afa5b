import Support
import Testing
import ZKClient
import ZKCore

@Suite(.timeLimit(.minutes(3))) struct AccessScenarios {
    private let joe = AuthInfo.digest(user: "joe", password: "secret")

    @Test(arguments: Deployment.allCases)
    func onlyTheCreatorMayRead(_ deployment: Deployment) async throws {
        try await deployment.run { stranger, home in
            let owner = try await deployment.client(auth: [joe])
            let path = home.appending("private")
            try await owner.create(path, data: bytes("x"), acl: .creatorAll)
            #expect(try await owner.getData(path).data == bytes("x"))
            let (acl, stat) = try await owner.getACL(path)
            #expect(acl.map(\.identity.scheme) == ["digest"] && acl.map(\.perms) == [.all])
            #expect(acl[0].identity.id.string.hasPrefix("joe:"))
            #expect(stat.aversion == 0)

            try await stranger.sync(path)
            await expectError(.noAuth) { try await stranger.getData(path) }
            await expectError(.noAuth) { try await stranger.setData(path, data: []) }
            await expectError(.noAuth) { try await stranger.getChildren(path) }
            await expectError(.noAuth) { try await stranger.create(path.appending("c")) }
            await expectError(.noAuth) { try await stranger.setACL(path, acl: .openUnsafe) }
            await expectError(.noAuth) { try await stranger.multi([.check(path, version: 0), .delete(home)]) }
            try await stranger.delete(path, version: 0)
            try await owner.sync(path)
            #expect(try await owner.exists(path) == nil, "deletion is the parent's permission")
            await owner.close()
        }
    }

    @Test(arguments: Deployment.allCases)
    func authMayComeLater(_ deployment: Deployment) async throws {
        try await deployment.run { client, home in
            let owner = try await deployment.client(auth: [joe])
            let path = home.appending("private")
            try await owner.create(path, acl: .creatorAll)
            try await client.sync(path)
            await expectError(.noAuth) { try await client.getData(path) }
            try await client.addAuth(joe)
            #expect(try await client.getData(path).data == [])
            await owner.close()
        }
    }

    /// Identities belong to the connection: the client sends them again on the next.
    @Test(arguments: Deployment.allCases)
    func authIsSentAgainAfterAReconnect(_ deployment: Deployment) async throws {
        try await deployment.run { _, home in
            let proxy = try await TCPProxy.start(to: try await deployment.port)
            let owner = try await deployment.client(through: proxy, auth: [joe])
            let path = home.appending("private")
            try await owner.create(path, acl: .creatorAll)
            let accepted = proxy.acceptedCount
            await proxy.cut()
            try await eventually("a new connection") { proxy.acceptedCount > accepted }
            #expect(try await owner.getData(path).data == [])
            await owner.close()
        }
    }

    @Test(arguments: Deployment.allCases)
    func setACLCountsItsOwnVersion(_ deployment: Deployment) async throws {
        try await deployment.run { client, home in
            let path = home.appending("a")
            try await client.create(path)
            let stat = try await client.setACL(path, acl: .readUnsafe, aversion: 0)
            #expect(stat.aversion == 1 && stat.version == 0)
            if deployment == .apacheEnsemble { try await untilRefused { try await client.setData(path, data: []) } }
            await expectError(.noAuth) { try await client.setData(path, data: []) }
            await expectError(.noAuth) { try await client.setACL(path, acl: .openUnsafe, aversion: 1) }
            #expect(try await client.getACL(path).acl == .readUnsafe)
        }
    }

    @Test(arguments: Deployment.allCases)
    func whoAmITellsTheIdentities(_ deployment: Deployment) async throws {
        let client = try await deployment.client(auth: [joe])
        let identities = try await client.whoAmI()
        #expect(identities.contains { $0.scheme == "ip" && $0.id == "127.0.0.1" })
        #expect(identities.contains { $0.scheme == "digest" && $0.id == "joe" })
        await client.close()
    }

    /// A follower may answer before the leader has applied a setACL, and until then the leader decides by the old ACL: a
    /// change in flight does not bring its ACL along. No answer tells when it has, not even that of a sync.
    private func untilRefused(_ body: () async throws -> Stat) async throws {
        try await eventually("the new ACL is obeyed") {
            do {
                _ = try await body()
                return false
            } catch let error as ZooKeeperError where error.code == .noAuth {
                return true
            }
        }
    }
}
