/// The keys of zoo.cfg that say who gets in. Several make one setting, so they are collected first.
///
/// Source: `ClientX509Util`, `AuthenticationHelper`, `ZooKeeperSaslServer`.
struct SecurityProperties {
    private var values: [String: String] = [:]

    static let keys: Set<String> = [
        "secureClientPort", "secureClientPortAddress", "ssl.keyStore.location", "ssl.keyStore.password",
        "ssl.keyStore.passwordPath", "ssl.keyStore.type", "ssl.trustStore.location", "ssl.trustStore.type",
        "ssl.trustStore.password", "ssl.trustStore.passwordPath",
        "ssl.clientAuth", "ssl.enabledProtocols", "ssl.protocol", "X509AuthenticationProvider.superUser",
        "java.security.auth.login.config", "sasl.serverconfig", "superUser", "enforce.auth.enabled",
        "enforce.auth.schemes", "sessionRequireClientSASLAuth",
    ]

    private static let superUserPrefix = "superUser."

    /// Keeps a key, without its prefix `zookeeper.`, if it is one of these.
    mutating func take(_ key: String, _ value: String) -> Bool {
        guard Self.keys.contains(key) || key.hasPrefix(Self.superUserPrefix) else { return false }
        values[key] = value
        return true
    }

    /// The text of a file without its passwords, for those who ask what the server was started with.
    static func redacting(_ text: String) -> String {
        text.split(separator: "\n", omittingEmptySubsequences: false).map { line in
            guard let mark = line.firstIndex(where: { $0 == "=" || $0 == ":" }),
                ["password", "superdigest"].contains(where: line[..<mark].lowercased().contains)
            else { return String(line) }
            return "\(line[...mark])***"
        }.joined(separator: "\n")
    }

    /// - Parameter hasPlainPort: whether the file has `clientPort`.
    func apply(to configuration: inout ServerConfiguration, hasPlainPort: Bool) throws(ConfigurationError) {
        try applyTLS(to: &configuration, hasPlainPort: hasPlainPort)
        configuration.x509SuperUser = values["X509AuthenticationProvider.superUser"]
        if let path = values["java.security.auth.login.config"] {
            configuration.sasl = try ServerSASLOptions(jaasFile: path, section: values["sasl.serverconfig"] ?? "Server")
            configuration.sasl?.superUser = values["superUser"]
            configuration.sasl?.otherSuperUsers = Set(
                values.filter { $0.key.hasPrefix(Self.superUserPrefix) }.map(\.value))
        }
        configuration.requiredSchemes = try requiredSchemes
        if configuration.requiredSchemes == ["sasl"], configuration.sasl == nil {
            throw ConfigurationError(
                "clients must log in with SASL, but there are no users: set java.security.auth.login.config")
        }
    }

    private func applyTLS(
        to configuration: inout ServerConfiguration, hasPlainPort: Bool
    ) throws(ConfigurationError) {
        guard let text = values["secureClientPort"] else {
            guard values["secureClientPortAddress"] == nil else {
                throw ConfigurationError("secureClientPortAddress is set but secureClientPort is not. Set both.")
            }
            return
        }
        guard let port = Int(text), (0...65_535).contains(port) else {
            throw ConfigurationError("secureClientPort=\(text): a whole number from 0 to 65535 is expected.")
        }
        guard let file = values["ssl.keyStore.location"] else {
            throw ConfigurationError("secureClientPort needs a certificate: set ssl.keyStore.location to a PEM file.")
        }
        for key in ["ssl.keyStore.type", "ssl.trustStore.type"] {
            if let type = values[key], type.uppercased() != "PEM" {
                throw ConfigurationError("\(key)=\(type): only PEM is understood. openssl pkcs12 -nodes converts.")
            }
        }
        let authentication = (values["ssl.clientAuth"] ?? "need").lowercased()
        guard let clientAuthentication = ServerTLSOptions.ClientAuthentication(rawValue: authentication) else {
            throw ConfigurationError("ssl.clientAuth=\(authentication): need, want or none is expected.")
        }
        var password = values["ssl.keyStore.password"]
        if let path = values["ssl.keyStore.passwordPath"] { password = try SecretFile.readLine(path) }
        var tls = ServerTLSOptions(
            port: port, host: values["secureClientPortAddress"], certificateChainFile: file,
            privateKeyPassword: password, trustRootsFile: values["ssl.trustStore.location"],
            clientAuthentication: clientAuthentication)
        tls.demandsTLS13 = try demandsTLS13
        configuration.tls = tls
        configuration.listensPlain = hasPlainPort
    }

    private var demandsTLS13: Bool {
        get throws(ConfigurationError) {
            let key = values["ssl.enabledProtocols"] == nil ? "ssl.protocol" : "ssl.enabledProtocols"
            guard let text = values[key] else { return false }
            let names = text.split(separator: ",").map { $0.drop { $0 == " " } }
            if names.contains("TLSv1.2") || names == ["TLS"] { return false }
            guard names.contains("TLSv1.3") else {
                throw ConfigurationError("\(key)=\(text): there are TLSv1.2 and TLSv1.3 only.")
            }
            // As ssl.protocol it names what Java's context can do at most, and leaves the older ones enabled.
            return key == "ssl.enabledProtocols"
        }
    }

    private var requiredSchemes: Set<String> {
        get throws(ConfigurationError) {
            func isTrue(_ key: String) -> Bool { values[key]?.lowercased() == "true" }
            if isTrue("sessionRequireClientSASLAuth") { return ["sasl"] }
            guard isTrue("enforce.auth.enabled") else { return [] }
            let schemes = (values["enforce.auth.schemes"] ?? "").split(separator: ",").map { scheme in
                String(scheme.filter { !$0.isWhitespace })
            }
            guard !schemes.isEmpty else {
                throw ConfigurationError("enforce.auth.enabled needs enforce.auth.schemes, such as digest,sasl,x509.")
            }
            for scheme in schemes where !["digest", "ip", "sasl", "x509"].contains(scheme) {
                throw ConfigurationError("enforce.auth.schemes: there is no scheme \(scheme).")
            }
            return Set(schemes)
        }
    }
}
