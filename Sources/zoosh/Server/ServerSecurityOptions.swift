internal import ShellLanguage
internal import ZKServer
internal import ZKShell

/// The options of `zoosh server` that say who gets in, and how.
struct ServerSecurityOptions: ParsableArguments {
    @Option(help: ArgumentHelp("Listen with TLS on this port as well; 0 takes a free one.", valueName: "port"))
    var tlsPort: Int?

    @Option(help: ArgumentHelp("The server's certificate and those up to the root, PEM.", valueName: "file"))
    var tlsCert: String?

    @Option(help: ArgumentHelp("Its private key, PEM; in the file of --tls-cert if left out.", valueName: "file"))
    var tlsKey: String?

    @Option(help: ArgumentHelp("Certificates that have signed those of the clients, PEM.", valueName: "file"))
    var tlsCa: String?

    @Option(
        help: ArgumentHelp(
            "Whether clients show certificates: need, want or none; need if --tls-ca is given.", valueName: "mode"))
    var tlsClientAuth: String?

    @Flag(help: "Listen with TLS only.")
    var noPlain = false

    @Option(
        help: ArgumentHelp(
            "Users for SASL DIGEST-MD5: the section Server of this JAAS file, user_NAME=\"password\".",
            valueName: "file"))
    var jaas: String?

    @Option(
        help: ArgumentHelp(
            "Serve only clients with an identity of one of these schemes: sasl, digest, x509.", valueName: "list"))
    var requireAuth: String?

    func apply(to configuration: inout ServerConfiguration) throws(ShellError) {
        try applyTLS(to: &configuration)
        if let jaas {
            do throws(ConfigurationError) {
                configuration.sasl = try ServerSASLOptions(jaasFile: jaas)
            } catch {
                throw .usage("--jaas: \(error)")
            }
        }
        guard let requireAuth else { return }
        let schemes = requireAuth.split(separator: ",").map(String.init)
        for scheme in schemes where !["sasl", "digest", "x509", "ip"].contains(scheme) {
            throw .usage("--require-auth \(scheme): none of sasl, digest, x509")
        }
        if schemes == ["sasl"], configuration.sasl == nil {
            throw .usage("--require-auth sasl needs users: name them with --jaas FILE")
        }
        configuration.requiredSchemes = Set(schemes)
    }

    private func applyTLS(to configuration: inout ServerConfiguration) throws(ShellError) {
        guard let tlsPort else {
            guard tlsCert == nil, tlsKey == nil, tlsCa == nil, tlsClientAuth == nil, !noPlain else {
                throw .usage("TLS needs a port: --tls-port PORT (0 takes a free one)")
            }
            return
        }
        guard (0...65535).contains(tlsPort) else { throw .usage("--tls-port \(tlsPort): a port is from 0 to 65535") }
        guard let tlsCert else { throw .usage("--tls-port needs a certificate: --tls-cert FILE, and --tls-key FILE") }
        var authentication: ServerTLSOptions.ClientAuthentication?
        if let tlsClientAuth {
            authentication = ServerTLSOptions.ClientAuthentication(rawValue: tlsClientAuth)
            guard authentication != nil else {
                throw .usage("--tls-client-auth \(tlsClientAuth): none of need, want, none")
            }
        }
        configuration.tls = ServerTLSOptions(
            port: tlsPort, host: configuration.host, certificateChainFile: tlsCert, privateKeyFile: tlsKey,
            trustRootsFile: tlsCa, clientAuthentication: authentication)
        if noPlain { configuration.listensPlain = false }
    }
}
