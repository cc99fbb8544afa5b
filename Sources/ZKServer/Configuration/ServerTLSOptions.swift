/// A port that speaks TLS (1.2 or later) and nothing else (`secureClientPort`).
public struct ServerTLSOptions: Sendable, Hashable {
    /// Whether clients show certificates (`ssl.clientAuth`). One that is shown must be signed by a trusted one, and makes
    /// its subject an identity of scheme `x509`.
    public enum ClientAuthentication: String, Sendable, CaseIterable {
        case need, want, none
    }

    /// The address to listen on (`secureClientPortAddress`); that of the plain port when nil.
    public var host: String?
    /// The port to listen on (`secureClientPort`); 0 takes a free one.
    public var port: Int
    /// The server's certificate and those up to the root, PEM (`ssl.keyStore.location`).
    public var certificateChainFile: String
    /// The private key, PEM; in ``certificateChainFile``, too, when nil.
    public var privateKeyFile: String?
    /// Opens the private key when it is encrypted (`ssl.keyStore.password`).
    public var privateKeyPassword: String?
    /// The certificates that have signed those of the clients, PEM (`ssl.trustStore.location`).
    public var trustRootsFile: String?
    public var clientAuthentication: ClientAuthentication
    /// Whether TLS 1.2 is refused, too (`ssl.enabledProtocols=TLSv1.3`).
    public var demandsTLS13 = false

    public init(
        port: Int, host: String? = nil, certificateChainFile: String, privateKeyFile: String? = nil,
        privateKeyPassword: String? = nil, trustRootsFile: String? = nil,
        clientAuthentication: ClientAuthentication? = nil
    ) {
        self.port = port
        self.host = host
        self.certificateChainFile = certificateChainFile
        self.privateKeyFile = privateKeyFile
        self.privateKeyPassword = privateKeyPassword
        self.trustRootsFile = trustRootsFile
        self.clientAuthentication = clientAuthentication ?? (trustRootsFile == nil ? .none : .need)
    }
}

extension ServerTLSOptions: CustomStringConvertible {
    /// Without the password.
    public var description: String {
        "TLS on \(host.map { "\($0):" } ?? "port ")\(port) with \(certificateChainFile), "
            + "client certificates: \(clientAuthentication.rawValue)"
    }
}
