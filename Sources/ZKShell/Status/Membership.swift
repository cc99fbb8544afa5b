import ZKCore
internal import ZKText

/// The members of an ensemble by one server's configuration: the `server.N=…` lines of `zoo.cfg`, of the four-letter
/// word `conf` and of the znode `/zookeeper/config`.
struct Membership: Equatable, Sendable {
    struct Member: Equatable, Sendable {
        var id: Int
        /// `host:quorumPort:electionPort` as written; several addresses are joined by `|`.
        var address: String
        var isObserver: Bool
        /// `host:port` for clients, where the configuration tells it.
        var clientEndpoint: String?
    }

    var members: [Int: Member] = [:]
    /// Of the dynamic configuration; nil where it is not told.
    var version: Zxid?

    var isEmpty: Bool { members.isEmpty }

    var voterIDs: [Int] { members.values.filter { !$0.isObserver }.map(\.id).sorted() }

    /// How many voters make a quorum.
    var majority: Int { voterIDs.count / 2 + 1 }

    /// Two configurations agree when they name the same members in the same roles, whatever else they say.
    func agrees(with other: Membership) -> Bool {
        func roles(_ membership: Membership) -> [Int: Bool] { membership.members.mapValues(\.isObserver) }
        return roles(self) == roles(other)
    }
}

extension Membership {
    /// Reads the lines that are about members and leaves all others.
    init(parsing text: some StringProtocol) {
        for line in text.split(whereSeparator: \.isNewline) {
            guard let equals = line.firstIndex(of: "=") else { continue }
            let key = line[..<equals].trimmingBlanks()
            let value = line[line.index(after: equals)...].trimmingBlanks()
            if key == "version", let number = Int64(value, radix: 16) {
                version = Zxid(rawValue: number)
            } else if key.hasPrefix("server."), let id = Int(key.dropFirst("server.".count)) {
                members[id] = Member(id: id, parsing: value)
            }
        }
    }
}

extension Membership.Member {
    /// `host:quorum:election[:participant|observer][;[clientHost:]clientPort]`
    init(id: Int, parsing value: some StringProtocol) {
        let halves = value.split(separator: ";", maxSplits: 1)
        var address = String(halves.first ?? "")
        var observer = false
        for role in ["participant", "observer"] where address.hasSuffix(":" + role) {
            address.removeLast(role.count + 1)
            observer = role == "observer"
        }
        self.init(id: id, address: address, isObserver: observer, clientEndpoint: nil)
        guard halves.count == 2 else { return }
        let client = halves[1]
        if let colon = client.lastIndex(of: ":") {
            let host = client[..<colon]
            let isWildcard = host == "0.0.0.0" || host == "[::]" || host == "[0:0:0:0:0:0:0:0]"
            clientEndpoint = "\(isWildcard ? self.host : String(host))\(client[colon...])"
        } else {
            clientEndpoint = "\(host):\(client)"
        }
    }

    /// The host of the quorum address; an IPv6 one keeps its brackets.
    private var host: String {
        let first = address.split(separator: "|").first ?? ""
        if first.hasPrefix("["), let end = first.firstIndex(of: "]") { return String(first[...end]) }
        return String(first.prefix { $0 != ":" })
    }
}

extension StringProtocol {
    /// Without blanks, tabs and carriage returns at both ends.
    func trimmingBlanks() -> String {
        let isBlank: (Character) -> Bool = { $0 == " " || $0 == "\t" || $0 == "\r" }
        return String(drop(while: isBlank).reversed().drop(while: isBlank).reversed())
    }
}
