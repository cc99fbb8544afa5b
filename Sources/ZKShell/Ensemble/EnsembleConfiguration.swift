/// The text of `/zookeeper/config` and of dynamic configuration files: `server.ID=…` lines and a version.
struct EnsembleConfiguration: Hashable, Sendable {
    struct Member: Hashable, Sendable {
        /// Such as `server.1`.
        var key: String
        /// Such as `host:2888:3888:participant;0.0.0.0:2181`.
        var value: String
    }

    var members: [Member] = []
    /// In hexadecimal.
    var version: String?

    init(_ text: String) {
        for line in text.split(whereSeparator: \.isNewline) {
            guard let equals = line.firstIndex(of: "=") else { continue }
            let key = String(line[..<equals]).trimmingBlanks()
            let value = String(line[line.index(after: equals)...]).trimmingBlanks()
            if key == "version" {
                version = value
            } else if key.hasPrefix("server.") {
                members.append(Member(key: key, value: value))
            }
        }
    }

    /// The version and where clients connect to, as zkCli's `config -c` prints them.
    var clientLine: String {
        "\(version ?? "") " + members.compactMap { Self.clientAddress($0.value) }.joined(separator: ",")
    }

    /// What stands after the `;`; a port alone is on all addresses of the host.
    private static func clientAddress(_ value: String) -> String? {
        guard let semicolon = value.lastIndex(of: ";") else { return nil }
        let address = value[value.index(after: semicolon)...]
        return address.contains(":") ? String(address) : "0.0.0.0:\(address)"
    }
}
