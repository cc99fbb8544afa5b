/// How a client speaks TLS (1.2 or later). The files are PEM; the client's certificate and key may be
/// in a PKCS12 file, too.
public struct TLSOptions: Sendable, Hashable {
    public enum Verification: Sendable, Hashable {
        /// The server's certificate is signed by a trusted one and made out to the host of the connect string.
        case full
        /// Signed by a trusted one, made out to anybody.
        case withoutHostname
        /// Anybody may pose as the server. For tests.
        case none
    }

    /// Certificates that are trusted; the system's when nil.
    public var trustRootsFile: String?
    /// The certificate of the client and those up to the root, the client's first. The server makes it an identity of
    /// scheme `x509`.
    public var certificateChainFile: String?
    /// Belongs to ``certificateChainFile``. Nil when that is PKCS12.
    public var privateKeyFile: String?
    /// Opens the private key, or the PKCS12 file that it is in.
    public var keyPassword: String?
    /// The name that the server's certificate must be made out to, in place of the host in the connect string.
    public var serverName: String?
    public var verification = Verification.full

    public init(
        trustRootsFile: String? = nil, certificateChainFile: String? = nil, privateKeyFile: String? = nil,
        serverName: String? = nil, verification: Verification = .full
    ) {
        self.trustRootsFile = trustRootsFile
        self.certificateChainFile = certificateChainFile
        self.privateKeyFile = privateKeyFile
        self.serverName = serverName
        self.verification = verification
    }
}

extension TLSOptions: CustomStringConvertible, CustomReflectable {
    /// Without the password.
    public var description: String {
        "TLS(trust roots: \(trustRootsFile ?? "the system's"), certificate: \(certificateChainFile ?? "none"))"
    }

    public var customMirror: Mirror { Mirror(self, children: ["tls": description]) }
}
