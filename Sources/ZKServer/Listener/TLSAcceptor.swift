import Glibc
import NIOCore
import NIOSSL
import ZKCore
import ZKTree

/// Makes the TLS handlers of accepted connections. The files are read once, when the server starts.
struct TLSAcceptor: Sendable {
    private let context: NIOSSLContext

    /// - Throws: ``ConfigurationError`` that names the file.
    init(_ options: ServerTLSOptions) throws(ConfigurationError) {
        let file = options.certificateChainFile
        let chain = try Self.load(file, "certificates") { try NIOSSLCertificate.fromPEMFile(file) }
        let key = try Self.privateKey(options)
        var configuration = TLSConfiguration.makeServerConfiguration(
            certificateChain: chain.map { .certificate($0) }, privateKey: .privateKey(key))
        configuration.minimumTLSVersion = options.demandsTLS13 ? .tlsv13 : .tlsv12
        switch options.clientAuthentication {
        case .none: configuration.certificateVerification = .none
        case .want: configuration.certificateVerification = .optionalVerification
        case .need: configuration.certificateVerification = .noHostnameVerification
        }
        if options.clientAuthentication != .none {
            // Without it every certificate that the system trusts would do: anybody can buy one.
            guard let file = options.trustRootsFile else {
                throw ConfigurationError(
                    "clients are to show certificates, but nothing says who signs them: name the CA's file, or ask for none"
                )
            }
            let roots = try Self.load(file, "certificates") { try NIOSSLCertificate.fromPEMFile(file) }
            configuration.trustRoots = .certificates(roots)
            // A client with several keys chooses by it.
            configuration.sendCANameList = true
        }
        do {
            context = try NIOSSLContext(configuration: configuration)
        } catch {
            throw ConfigurationError("the TLS certificate \(file) and its private key do not fit together.")
        }
    }

    private static func privateKey(_ options: ServerTLSOptions) throws(ConfigurationError) -> NIOSSLPrivateKey {
        let file = options.privateKeyFile ?? options.certificateChainFile
        let password = Array((options.privateKeyPassword ?? "").utf8)
        return try load(file, "a private key, and the password its own") {
            try NIOSSLPrivateKey(file: file, format: .pem) { set in set(password) }
        }
    }

    private static func load<Value>(
        _ file: String, _ what: String, _ body: () throws -> Value
    ) throws(ConfigurationError) -> Value {
        // The names of files that Java reads and we do not.
        for suffix in [".jks", ".p12", ".pfx", ".bcfks"] where file.lowercased().hasSuffix(suffix) {
            throw ConfigurationError(
                "\(file): key stores must be PEM. Convert it: openssl pkcs12 -in STORE.p12 -nodes -out STORE.pem "
                    + "(a .jks first to .p12 with keytool -importkeystore)")
        }
        guard access(file, R_OK) == 0 else {
            throw ConfigurationError("the TLS file \(file) cannot be read: \(String(cString: strerror(errno))).")
        }
        do {
            return try body()
        } catch {
            throw ConfigurationError("the TLS file \(file) cannot be used. It must be PEM with \(what).")
        }
    }

    /// Puts TLS in front of a connection.
    func addHandlers(to channel: any Channel, connection: Connection, core: ServerCore) throws {
        try channel.pipeline.syncOperations.addHandler(NIOSSLServerHandler(context: context))
        try channel.pipeline.syncOperations.addHandler(ClientCertificateHandler(connection: connection, core: core))
    }
}

/// Makes the subject of a client's certificate one of its identities, before its first bytes are looked at, and leaves.
///
/// Source: `X509AuthenticationProvider`.
private final class ClientCertificateHandler: ChannelInboundHandler, RemovableChannelHandler {
    typealias InboundIn = ByteBuffer
    typealias InboundOut = ByteBuffer

    private let connection: Connection
    private let core: ServerCore

    init(connection: Connection, core: ServerCore) {
        self.connection = connection
        self.core = core
    }

    /// Bytes come through only when the handshake is done and the certificate verified.
    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        do {
            if let certificate = try context.pipeline.syncOperations.nioSSL_peerCertificate() {
                guard let subject = CertificateSubject.name(ofCertificate: try certificate.toDERBytes()) else {
                    throw ConnectionRefused()
                }
                core.addCertificateIdentity(subject, to: connection)
            }
        } catch {
            context.close(promise: nil)
            return
        }
        context.fireChannelRead(data)
        context.pipeline.syncOperations.removeHandler(self, promise: nil)
    }
}

extension ServerCore {
    func addCertificateIdentity(_ subject: UString, to connection: Connection) {
        lock.withExclusive {
            if let superUser = configuration.x509SuperUser, subject.string == superUser {
                connection.requester.add(ACLIdentity(scheme: "super", id: subject))
            }
            connection.requester.add(ACLIdentity(scheme: "x509", id: subject))
        }
    }
}
