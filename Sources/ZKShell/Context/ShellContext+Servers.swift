internal import ZKClient

/// Which servers a command asks that works outside of a session.
extension ShellContext {
    /// The servers of the connect string, or those of `hosts`, which are `host:port` or lists of them.
    ///
    /// - Throws: ``ShellError`` 2 when one is not a host.
    func endpoints(_ hosts: [String] = []) throws(ShellError) -> [StatusProbe.Endpoint] {
        if hosts.isEmpty { try refuseOffline() }
        guard !hosts.isEmpty else { return session.connection.connectString.hosts.map(StatusProbe.Endpoint.init) }
        do throws(ConnectStringError) {
            return try ConnectString(hosts.joined(separator: ",")).hosts.map(StatusProbe.Endpoint.init)
        } catch {
            throw .usage("\(error)")
        }
    }

    /// What `endpoints` say of the sessions, and what some of them could not say.
    ///
    /// - Throws: ``ShellError`` 3 when none of them says anything.
    func sessionReport(
        from endpoints: [StatusProbe.Endpoint]
    ) async throws -> (report: SessionReport, gaps: [String]) {
        let (report, gaps) = await SessionReport.gather(from: endpoints, timeout: options.probeTimeout)
        try Task.checkCancellation()
        guard !report.byID.isEmpty || gaps.count < endpoints.count else {
            throw ShellError(.connection, gaps.joined(separator: "; "))
        }
        return (report, gaps)
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
