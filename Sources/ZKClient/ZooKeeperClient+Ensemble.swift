public import ZKCore
internal import ZKWire

extension ZooKeeperClient {
    private static let configPath = ZnodePath(unchecked: "/zookeeper/config")

    /// The identities of the connection as the server sees them. Needs a server of 3.7 or later.
    public func whoAmI() async throws -> [ACLIdentity] {
        let request = Request(type: .whoAmI, path: nil, isRead: true, deadline: driver.requestDeadline())
        return try await perform(request, path: nil).decode(WhoAmIResponse.self).clientInfo
            .map { ACLIdentity(scheme: $0.authScheme, id: $0.user) }
    }

    /// Adds an identity to this and every later connection of the session.
    ///
    /// - Throws: ``ZooKeeperError`` with `.authFailed` when the server refuses; the session is over then.
    public func addAuth(_ auth: AuthInfo) async throws {
        let request = AuthRequest(info: auth, deadline: driver.requestDeadline())
        _ = try await perform(request, path: nil)
    }

    /// The configuration of the ensemble: the data of `/zookeeper/config`, whatever the chroot. Empty on a standalone
    /// server.
    public func getConfig() async throws -> (data: [UInt8]?, stat: Stat) {
        try await getData(Self.configPath, serverPath: Self.configPath, watch: nil)
    }

    /// Like ``getConfig()``, and arms a watch of its next change.
    public func getConfigAndWatch(
        onEvent: (@Sendable (WatchEvent) -> Void)? = nil
    ) async throws -> (data: [UInt8]?, stat: Stat, watch: OneShotWatch) {
        let cell = WatchCell(serverPath: Self.configPath, path: Self.configPath, kind: .data, onEvent: onEvent)
        let (data, stat) = try await getData(Self.configPath, serverPath: Self.configPath, watch: cell)
        return (data, stat, OneShotWatch(cell: cell, client: self))
    }

    /// Changes the members of the ensemble: either `members` as a whole, or `joining` and `leaving`.
    ///
    /// - Parameter joining: as in a configuration file, such as `server.4=10.0.0.4:2888:3888:participant;2181`.
    /// - Parameter leaving: server IDs.
    /// - Parameter version: the version of the configuration that is to be replaced; -1 for any.
    /// - Returns: The new configuration.
    /// - Throws: ``ZooKeeperError`` with `.reconfigDisabled`, `.noAuth`, `.badVersion`, `.newConfigNoQuorum`,
    ///   `.reconfigInProgress`, `.badArguments`.
    public func reconfig(
        joining: [String] = [], leaving: [String] = [], members: [String] = [], version: Int64 = -1
    ) async throws -> (data: [UInt8]?, stat: Stat) {
        func list(_ items: [String]) -> UString? { items.isEmpty ? nil : UString(items.joined(separator: ",")) }
        let request = ReconfigRequest(
            joiningServers: list(joining), leavingServers: list(leaving), newMembers: list(members),
            configVersion: version)
        let response = try await call(.reconfig, path: nil, request).decode(GetDataResponse.self)
        return (response.data, response.stat)
    }
}
