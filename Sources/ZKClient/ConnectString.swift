public import ZKCore

/// Which servers to talk to, and below which znode: `h1:2181,[::1]:2182/chroot`.
///
/// `zk://` in front means what no prefix means, `zks://` asks for TLS. A host without a port has port 2181.
/// Source: `ConnectStringParser`.
public struct ConnectString: Sendable, Hashable {
    public struct Host: Sendable, Hashable {
        /// A name or a numeric address; an IPv6 address is without its brackets.
        public var name: String
        public var port: Int

        public init(name: String, port: Int = ConnectString.defaultPort) {
            self.name = name
            self.port = port
        }
    }

    public static let defaultPort = 2181

    /// Never empty.
    public var hosts: [Host]
    /// Nil when paths start at the root of the tree.
    public var chroot: ZnodePath?
    public var usesTLS: Bool

    public init(hosts: [Host], chroot: ZnodePath? = nil, usesTLS: Bool = false) {
        precondition(!hosts.isEmpty)
        self.hosts = hosts
        self.chroot = chroot
        self.usesTLS = usesTLS
    }

    /// - Throws: ``ConnectStringError``, which names the part that is wrong.
    public init(_ string: String) throws(ConnectStringError) {
        var rest = string[...]
        usesTLS = rest.hasPrefix("zks://")
        if usesTLS {
            rest = rest.dropFirst("zks://".count)
        } else if rest.hasPrefix("zk://") {
            rest = rest.dropFirst("zk://".count)
        }
        let hostList = rest.prefix { $0 != "/" }
        let path = rest[hostList.endIndex...]
        chroot = try Self.chroot(path, of: string)
        hosts = []
        for part in hostList.split(separator: ",") {
            let text = part.trimmingBlanks()
            if !text.isEmpty { hosts.append(try Self.host(text, of: string)) }
        }
        if hosts.isEmpty { throw ConnectStringError(connectString: string, reason: "it names no host") }
    }

    private static func chroot(_ path: Substring, of string: String) throws(ConnectStringError) -> ZnodePath? {
        if path.isEmpty || path == "/" { return nil }
        // Java's client takes all of it for the chroot, and finds no such znode.
        if let comma = path.firstIndex(of: ","), path[comma...].contains(where: { $0 == "/" || $0 == ":" }) {
            throw ConnectStringError(
                connectString: string, reason: "the chroot stands once, behind the last host: h1,h2\(path[..<comma])")
        }
        let path = path.last == "/" ? path.dropLast() : path
        do throws(ZnodePathError) {
            return try ZnodePath(path)
        } catch {
            throw ConnectStringError(connectString: string, reason: "its chroot is not a path: \(error)")
        }
    }

    private static func host(_ text: Substring, of string: String) throws(ConnectStringError) -> Host {
        func fail(_ reason: String) -> ConnectStringError { ConnectStringError(connectString: string, reason: reason) }
        var name = text
        var portText: Substring?
        if text.hasPrefix("[") {
            guard let end = text.firstIndex(of: "]") else { throw fail("\(text) lacks its closing ]") }
            name = text[text.index(after: text.startIndex)..<end]
            let behind = text[text.index(after: end)...]
            if behind.hasPrefix(":") {
                portText = behind.dropFirst()
            } else if !behind.isEmpty {
                throw fail("\(text): what follows ] must be a colon and a port")
            }
        } else if let colon = text.lastIndex(of: ":") {
            if text.firstIndex(of: ":") != colon {
                throw fail("\(text): write an IPv6 address in brackets, such as [::1]:2181")
            }
            name = text[..<colon]
            portText = text[text.index(after: colon)...]
        }
        if name.isEmpty { throw fail("\(text) has no host in front of its port") }
        guard let portText else { return Host(name: String(name)) }
        guard let port = Int(portText), (1...65535).contains(port) else {
            throw fail("\(portText.isEmpty ? "an empty text" : String(portText)) is not a port (1 to 65535)")
        }
        return Host(name: String(name), port: port)
    }
}

extension ConnectString.Host: CustomStringConvertible {
    /// `name:port`, an IPv6 address in brackets.
    public var description: String { name.contains(":") ? "[\(name)]:\(port)" : "\(name):\(port)" }
}

extension ConnectString: CustomStringConvertible {
    public var description: String {
        (usesTLS ? "zks://" : "") + hosts.map(\.description).joined(separator: ",") + (chroot?.string ?? "")
    }
}

/// Why a text is not a connect string.
public struct ConnectStringError: Error, Hashable, Sendable {
    public let connectString: String
    public let reason: String
}

extension ConnectStringError: CustomStringConvertible {
    public var description: String {
        "\"\(connectString)\" is not a connect string: \(reason). Write host:port,host:port/chroot."
    }
}

extension Substring {
    fileprivate func trimmingBlanks() -> Substring {
        var text = drop { $0 == " " }
        while text.last == " " { text.removeLast() }
        return text
    }
}
