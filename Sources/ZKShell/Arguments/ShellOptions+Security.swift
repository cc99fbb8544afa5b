internal import Glibc
internal import ZKClient
internal import ZKCore

/// Identities, TLS and SASL of the command line. Nothing of it ever falls back to less.
extension ShellOptions {
    mutating func takeSecurity(_ global: GlobalOptions, environment: (String) -> String?) throws(ShellError) {
        func value(_ option: String?, _ name: String) -> String? { option ?? environment(name) }
        func isSet(_ name: String) -> Bool {
            environment(name).map { !["", "0", "no", "false"].contains($0) } ?? false
        }
        if let file = global.clientConfiguration {
            try takeClientConfiguration(try LocalFile.text(file), file: file)
        }
        tls.caFile = value(global.tlsCA, "ZOOSH_TLS_CA") ?? tls.caFile
        tls.certificateFile = value(global.tlsCertificate, "ZOOSH_TLS_CERT") ?? tls.certificateFile
        tls.keyFile = value(global.tlsKey, "ZOOSH_TLS_KEY") ?? tls.keyFile
        if let file = global.tlsPasswordFile {
            tls.keyPassword = try Self.secret(
                in: file, asking: "password of the TLS key: ", neverPrompts: global.neverPrompts)
        }
        tls.serverName = value(global.tlsServerName, "ZOOSH_TLS_SERVER_NAME") ?? tls.serverName
        tls.isInsecure = global.tlsIsInsecure || isSet("ZOOSH_TLS_INSECURE")
        // Whoever names a CA means TLS.
        let names = [global.tlsCA, global.tlsCertificate, global.tlsKey, global.tlsServerName]
        tls.isEnabled =
            tls.isEnabled || global.usesTLS || global.tlsIsInsecure || isSet("ZOOSH_TLS")
            || names.contains { $0 != nil }
        if let file = global.authFile { credentials += try Self.credentials(file, neverPrompts: global.neverPrompts) }
        try takeSASL(global)
    }

    /// One identity a line; `-` asks the terminal for one.
    private static func credentials(_ file: String, neverPrompts: Bool) throws(ShellError) -> [Credential] {
        guard file != "-" else {
            return [try Credential(try TerminalSecret.ask("SCHEME:CREDENTIALS: ", neverPrompts: neverPrompts))]
        }
        var credentials: [Credential] = []
        for line in try LocalFile.text(file).split(whereSeparator: \.isNewline) where !line.hasPrefix("#") {
            credentials.append(try Credential(String(line)))
        }
        return credentials
    }

    private mutating func takeSASL(_ global: GlobalOptions) throws(ShellError) {
        guard global.sasl != nil || global.saslUser != nil || global.saslPasswordFile != nil else { return }
        let mechanism = global.sasl ?? "DIGEST-MD5"
        guard mechanism.uppercased() == "DIGEST-MD5" else {
            throw .usage("--sasl \(mechanism): the only mechanism is DIGEST-MD5")
        }
        guard let user = global.saslUser else { throw .usage("--sasl needs a user: --sasl-user USER") }
        let password = try Self.secret(
            in: global.saslPasswordFile ?? "-", asking: "password of \(user): ", neverPrompts: global.neverPrompts)
        sasl = .digestMD5(user: user, password: password)
    }

    /// The first line of `file`; what is typed when that is `-`.
    private static func secret(
        in file: String, asking prompt: String, neverPrompts: Bool
    ) throws(ShellError) -> String {
        guard file != "-" else { return try TerminalSecret.ask(prompt, neverPrompts: neverPrompts) }
        return String(try LocalFile.text(file).prefix { !$0.isNewline })
    }

    /// A file of `-client-configuration`: the properties of Java's client that have a meaning here.
    private mutating func takeClientConfiguration(_ text: String, file: String) throws(ShellError) {
        var jaasFile: String?
        var section = "Client"
        var usesSASL = true
        for (key, value) in JavaProperties.parse(text) {
            switch key {
            case "zookeeper.client.secure": tls.isEnabled = value.lowercased() == "true"
            case "zookeeper.ssl.trustStore.location": tls.caFile = value
            case "zookeeper.ssl.keyStore.location":
                tls.certificateFile = value
                tls.keyFile = tls.keyFile ?? value
            case "zookeeper.ssl.hostnameVerification": tls.verifiesHostname = value.lowercased() != "false"
            case "zookeeper.ssl.keyStore.password": tls.keyPassword = value
            case "zookeeper.ssl.keyStore.passwordPath":
                tls.keyPassword = String(try LocalFile.text(value).prefix { !$0.isNewline })
            case "zookeeper.ssl.keyStore.type":
                guard ["PEM", "PKCS12"].contains(value.uppercased()) else {
                    throw .usage(
                        "\(file): \(key)=\(value): PEM and PKCS12 are understood; keytool -importkeystore "
                            + "-deststoretype PKCS12 converts")
                }
            case "zookeeper.ssl.trustStore.type":
                guard value.uppercased() == "PEM" else {
                    throw .usage(
                        "\(file): \(key)=\(value): only PEM is understood; openssl pkcs12 -nokeys converts PKCS12, "
                            + "which keytool -importkeystore -deststoretype PKCS12 makes of JKS")
                }
            case "zookeeper.clientCnxnSocket": break
            case "java.security.auth.login.config": jaasFile = value
            case "zookeeper.sasl.clientconfig": section = value
            case "zookeeper.sasl.client": usesSASL = value.lowercased() != "false"
            default: notices.append("\(file): \(key) is ignored")
            }
        }
        if usesSASL, let jaasFile { sasl = try Self.user(ofJAASFile: jaasFile, section: section) }
    }

    /// `username` and `password` of the `DigestLoginModule` in a section of a JAAS file.
    private static func user(ofJAASFile file: String, section: String) throws(ShellError) -> ZKClient.SASLOptions {
        let text = try LocalFile.text(file)
        let jaas: JAASConfiguration
        do throws(JAASError) {
            jaas = try JAASConfiguration(text)
        } catch {
            throw .usage("\(file): line \(error.line): \(error.reason)")
        }
        let module = jaas.sections[section]?.first { $0.className.hasSuffix("DigestLoginModule") }
        guard let module, let user = module.options["username"], let password = module.options["password"] else {
            throw .usage("\(file): the section \(section) has no DigestLoginModule with username and password")
        }
        return .digestMD5(user: user, password: password)
    }
}

extension ClientConfiguration {
    mutating func takeSecurity(_ options: ShellOptions) {
        sasl = options.sasl
        guard options.tls.isEnabled || connectString.usesTLS else { return }
        var tls = TLSOptions(
            trustRootsFile: options.tls.caFile, certificateChainFile: options.tls.certificateFile,
            privateKeyFile: options.tls.keyFile ?? options.tls.certificateFile, serverName: options.tls.serverName,
            verification: options.tls.isInsecure ? .none : options.tls.verifiesHostname ? .full : .withoutHostname)
        tls.keyPassword = options.tls.keyPassword
        self.tls = tls
    }
}

extension LocalFile {
    /// What some editors put at the start of a text in UTF-8.
    static let byteOrderMark: [UInt8] = [0xEF, 0xBB, 0xBF]

    static func text(_ name: String) throws(ShellError) -> String {
        let bytes = try read(name)
        return String(
            decoding: bytes.starts(with: byteOrderMark) ? bytes.dropFirst(byteOrderMark.count) : bytes[...],
            as: UTF8.self)
    }
}

/// Secrets that are typed: neither echoed nor taken from stdin, which may be a script.
enum TerminalSecret {
    static func ask(_ prompt: String, neverPrompts: Bool) throws(ShellError) -> String {
        let descriptor = neverPrompts ? -1 : open("/dev/tty", O_RDWR | O_CLOEXEC)
        guard descriptor >= 0 else { throw .usage("a secret is needed, and there is no terminal to ask for it") }
        defer { close(descriptor) }
        var saved = termios()
        tcgetattr(descriptor, &saved)
        var silent = saved
        silent.c_lflag &= ~tcflag_t(ECHO)
        tcsetattr(descriptor, TCSAFLUSH, &silent)
        defer { tcsetattr(descriptor, TCSAFLUSH, &saved) }
        _ = write(descriptor, prompt, prompt.utf8.count)
        var bytes: [UInt8] = []
        var byte: UInt8 = 0
        while read(descriptor, &byte, 1) == 1, byte != UInt8(ascii: "\n") { bytes.append(byte) }
        _ = write(descriptor, "\n", 1)
        return String(decoding: bytes, as: UTF8.self)
    }
}
