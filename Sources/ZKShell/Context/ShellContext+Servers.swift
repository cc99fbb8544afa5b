internal import ZKClient

/// Which servers a command asks that works outside of a session.
extension ShellContext {
    /// The servers of the connect string, or those of `hosts`, which are `host:port` or lists of them.
    ///
    /// - Throws: ``ShellError`` 2 when one is not a host.
    func endpoints(_ hosts: [String] = []) throws(ShellError) -> [StatusProbe.Endpoint] {
        guard !hosts.isEmpty else { return session.connection.connectString.hosts.map(StatusProbe.Endpoint.init) }
        do throws(ConnectStringError) {
            return try ConnectString(hosts.joined(separator: ",")).hosts.map(StatusProbe.Endpoint.init)
        } catch {
            throw .usage("\(error)")
        }
    }

    /// The configuration of the ensemble as the session sees it; nil without a connection that is there already.
    func connectedMembership() async -> Membership? {
        guard let client = session.connection.currentClient, client.state.isConnected,
            let data = try? await client.getConfig().data
        else { return nil }
        let membership = Membership(parsing: String(decoding: data, as: UTF8.self))
        return membership.isEmpty ? nil : membership
    }
}

extension StatusProbe.Endpoint {
    init(_ host: ConnectString.Host) {
        self.init(host: host.name, port: host.port)
    }
}
