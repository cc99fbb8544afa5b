extension ServerConfiguration {
    /// What an administrator should know of who gets in, a line each, worst first. Empty for a server that listens on
    /// loopback and has no back door.
    public var securityNotices: [String] {
        var notices: [String] = []
        if skipACL { notices.append("skipACL is on: everybody may do everything") }
        let provesIdentities = !requiredSchemes.isEmpty
        if listensPlain, !Self.isLoopback(host) {
            notices.append(
                provesIdentities
                    ? "\(host):\(port) is not loopback and has no TLS: what clients send can be read and changed on its way"
                    : "\(host):\(port) is not loopback and has neither TLS nor demands authentication: "
                        + "everybody who reaches it gets in")
        }
        if let tls, tls.clientAuthentication != .need, !provesIdentities, !Self.isLoopback(tls.host ?? host) {
            notices.append(
                "\(tls.host ?? host):\(tls.port) is not loopback and demands neither client certificates nor authentication: "
                    + "everybody who reaches it gets in")
        }
        if superDigest != nil { notices.append("there is a super user (digest), whom no access control list stops") }
        for user in ([sasl?.superUser].compactMap(\.self) + (sasl?.otherSuperUsers.sorted() ?? [])) {
            notices.append("there is a super user (sasl:\(user)), whom no access control list stops")
        }
        if let user = x509SuperUser {
            notices.append("there is a super user (x509:\(user)), whom no access control list stops")
        }
        if let tls, let file = Optional(tls.privateKeyFile ?? tls.certificateChainFile),
            SecretFile.isReadableByOthers(file)
        {
            notices.append("the private key \(file) is readable by others: chmod 600 it")
        }
        return notices
    }

    /// `localhost`, 127.0.0.0/8 and ::1.
    public static func isLoopback(_ host: String) -> Bool {
        host == "localhost" || host == "::1" || host == "[::1]"
            || host.hasPrefix("127.") && host.utf8.allSatisfy { (48...57).contains($0) || $0 == UInt8(ascii: ".") }
    }
}
