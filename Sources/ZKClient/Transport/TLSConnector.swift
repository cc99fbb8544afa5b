internal import NIOCore
internal import NIOSSL

/// Makes the TLS handlers of a client's connections. The files are read once, at the first connect.
struct TLSConnector {
    private let context: NIOSSLContext
    private let options: TLSOptions

    /// - Throws: ``ConnectFailure`` that names the file.
    init(_ options: TLSOptions) throws(ConnectFailure) {
        self.options = options
        var configuration = TLSConfiguration.makeClientConfiguration()
        configuration.minimumTLSVersion = .tlsv12
        configuration.certificateVerification = options.verification.nio
        if let file = options.trustRootsFile {
            // Loaded here, since the context would only say that something is wrong.
            let certificates = try Self.read(file, "certificates") { try NIOSSLCertificate.fromPEMFile($0) }
            configuration.trustRoots = .certificates(certificates)
        }
        if let file = options.certificateChainFile {
            let (chain, key) = try Self.identity(file, options)
            configuration.certificateChain = chain.map { .certificate($0) }
            configuration.privateKey = .privateKey(key)
        }
        do {
            context = try NIOSSLContext(configuration: configuration)
        } catch {
            throw ConnectFailure(reason: "the TLS settings do not fit together: \(ConnectFailure.describe(error))")
        }
    }

    private static func identity(
        _ file: String, _ options: TLSOptions
    ) throws(ConnectFailure) -> (chain: [NIOSSLCertificate], key: NIOSSLPrivateKey) {
        let password = options.keyPassword
        let store = try KeyStoreFile.bundle(file, password: password)
        guard let keyFile = options.privateKeyFile ?? (store == nil ? nil : file) else {
            throw ConnectFailure(reason: "the TLS certificate \(file) has no private key: name its file, too")
        }
        let chain: [NIOSSLCertificate]
        if let store {
            chain = store.certificateChain
        } else {
            chain = try read(file, "certificates") { try NIOSSLCertificate.fromPEMFile($0) }
        }
        let keyStore = keyFile == file ? store : try KeyStoreFile.bundle(keyFile, password: password)
        if let keyStore { return (chain, keyStore.privateKey) }
        let key = try read(keyFile, "a private key") { file in
            guard let password else { return try NIOSSLPrivateKey(file: file, format: .pem) }
            return try NIOSSLPrivateKey(file: file, format: .pem) { set in set(Array(password.utf8)) }
        }
        return (chain, key)
    }

    private static func read<Value>(
        _ file: String, _ what: String, _ load: (String) throws -> Value
    ) throws(ConnectFailure) -> Value {
        do {
            return try load(file)
        } catch {
            if let reason = KeyStoreFile.unreadable(file) {
                throw ConnectFailure(reason: "the TLS file \(file) cannot be used: \(reason)")
            }
            let reason = KeyStoreFile.conversion(of: file) ?? ConnectFailure.describe(error)
            throw ConnectFailure(reason: "the TLS file \(file) cannot be used: \(reason). It must be PEM with \(what)")
        }
    }

    /// The handler for a connection to this host.
    func handler(for host: ConnectString.Host) throws -> NIOSSLClientHandler {
        let name = options.serverName ?? host.name
        do {
            return try NIOSSLClientHandler(context: context, serverHostname: name)
        } catch let error as NIOSSLExtraError where error == .cannotUseIPAddressInSNI {
            // The certificate must then have the address that we connect to.
            return try NIOSSLClientHandler(context: context, serverHostname: nil)
        }
    }
}

extension TLSOptions.Verification {
    fileprivate var nio: CertificateVerification {
        switch self {
        case .full: .fullVerification
        case .withoutHostname: .noHostnameVerification
        case .none: .none
        }
    }
}

extension ConnectFailure {
    /// Whether `error` comes again however often it is tried: a certificate that is not trusted, a port without TLS.
    static func isLasting(_ error: any Error) -> Bool {
        if let error = error as? ConnectFailure { return error.isLasting }
        if let error = error as? NIOSSLExtraError { return error == .failedToValidateHostname }
        guard error is NIOSSLError || error is BoringSSLError else { return false }
        return ["CERTIFICATE_VERIFY_FAILED", "WRONG_VERSION_NUMBER"].contains { "\(error)".contains($0) }
    }

    /// A failed handshake in words; nil for other errors.
    static func describeTLS(_ error: any Error) -> String? {
        if let error = error as? NIOSSLExtraError, error == .failedToValidateHostname {
            return "its TLS certificate is made out to another host; set the server name if that is as it should be"
        }
        guard error is NIOSSLError || error is BoringSSLError else { return nil }
        if let error = error as? NIOSSLError, case .uncleanShutdown = error {
            return "the server closed the TLS connection"
        }
        let text = "\(error)"
        if text.contains("CERTIFICATE_VERIFY_FAILED") {
            return "its TLS certificate cannot be verified: it is not signed by a trusted one, or its time is over; "
                + "name the CA's file, or look at its dates"
        }
        if text.contains("WRONG_VERSION_NUMBER") { return "it does not speak TLS on this port" }
        if text.contains("EOF during handshake") {
            return "it closed the connection instead of a TLS handshake: it may not speak TLS on this port"
        }
        if text.contains("CERTIFICATE_REQUIRED") || text.contains("HANDSHAKE_FAILURE")
            || text.contains("BAD_CERTIFICATE")
        {
            return "it refuses the TLS handshake; it may demand a client certificate (\(text))"
        }
        return "TLS failed (\(text))"
    }
}
