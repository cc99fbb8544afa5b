internal import ZKServer
internal import ZKShell

/// The server of this process, as its own shell and its command reach it.
struct OwnServer: Sendable {
    /// Where it listens, and by TLS when it listens with nothing else.
    let connectString: String
    /// The files of its TLS port, which its own clients trust and show; nil without TLS.
    private let tls: ServerTLSOptions?

    init(_ server: EmbeddedServer, _ configuration: ServerConfiguration) {
        let listensPlain = configuration.listensPlain
        tls = listensPlain ? nil : configuration.tls
        let host = Self.reachable(listensPlain ? configuration.host : configuration.tls?.host ?? configuration.host)
        // Certificates are made out to names.
        let name = !listensPlain && host == "127.0.0.1" ? "localhost" : host
        connectString =
            (listensPlain ? "" : "zks://") + (name.contains(":") ? "[\(name)]" : name) + ":\(server.port)"
    }

    /// A server that listens on all addresses is reached on loopback.
    private static func reachable(_ host: String) -> String {
        switch host {
        case "0.0.0.0": "127.0.0.1"
        case "::": "::1"
        default: host
        }
    }

    /// For a shell in this process. Its own TLS options win.
    func take(_ options: inout ShellOptions) {
        options.server = connectString
        guard let tls else { return }
        options.tls.caFile = options.tls.caFile ?? tls.certificateChainFile
        if options.tls.certificateFile == nil, tls.clientAuthentication != .none {
            options.tls.certificateFile = tls.certificateChainFile
            options.tls.keyFile = tls.privateKeyFile ?? tls.certificateChainFile
        }
    }

    /// Likewise for a process of its own.
    ///
    /// - Parameter showsCertificate: it is ours, and may pose as the server.
    func environment(
        _ present: (String) -> String?, showsCertificate: Bool = false
    ) -> [(name: String, value: String)] {
        var variables = [(name: "ZOOSH_SERVER", value: connectString)]
        guard let tls else { return variables }
        if present("ZOOSH_TLS_CA") == nil { variables.append((name: "ZOOSH_TLS_CA", value: tls.certificateChainFile)) }
        if showsCertificate, present("ZOOSH_TLS_CERT") == nil, tls.clientAuthentication != .none {
            variables.append((name: "ZOOSH_TLS_CERT", value: tls.certificateChainFile))
            variables.append((name: "ZOOSH_TLS_KEY", value: tls.privateKeyFile ?? tls.certificateChainFile))
        }
        return variables
    }
}
