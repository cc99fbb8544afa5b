import Support
import ZKClient
import ZKCore

/// All that clients can see of a server: each znode with its data, stat and ACL, and the last zxid.
struct TreeImage: Equatable {
    struct Znode: Equatable {
        var data: [UInt8]?
        var stat: Stat
        var acl: [ACL]
    }

    var znodes: [String: Znode] = [:]
    /// Session IDs with their ephemerals, as `dump` tells them.
    var ephemerals: [String] = []
    var zxid = ""

    /// Reads the tree with a client that may see everything.
    init(of port: UInt16, with client: ZooKeeperClient) async throws {
        zxid = try await Self.line("Zxid: ", of: "srvr", port)
        var waiting: [ZnodePath] = ["/"]
        while let path = waiting.popLast() {
            let (data, stat) = try await client.getData(path)
            let acl = try await client.getACL(path).acl
            znodes[path.string] = Znode(data: data, stat: stat, acl: acl)
            for child in try await client.getChildren(path) {
                waiting.append(try ZnodePath(path == "/" ? "/\(child)" : "\(path.string)/\(child)"))
            }
        }
        let dump = try await Loopback.ask("dump", port: port).split(separator: "\n").map(String.init)
        if let start = dump.firstIndex(where: { $0.hasPrefix("Sessions with Ephemerals") }) {
            ephemerals = dump[start...].filter { $0.hasPrefix("0x") || $0.hasPrefix("\t/") }.sorted()
        }
    }

    private static func line(_ prefix: String, of command: String, _ port: UInt16) async throws -> String {
        let lines = try await Loopback.ask(command, port: port).split(separator: "\n")
        return lines.first { $0.hasPrefix(prefix) }.map { String($0.dropFirst(prefix.count)) } ?? "none"
    }

    /// What differs, in words, for the message of a failed test.
    func differences(from other: TreeImage) -> [String] {
        var found: [String] = []
        if zxid != other.zxid { found.append("zxid \(zxid), not \(other.zxid)") }
        if ephemerals != other.ephemerals { found.append("ephemerals \(ephemerals), not \(other.ephemerals)") }
        for path in Set(znodes.keys).union(other.znodes.keys).sorted() where znodes[path] != other.znodes[path] {
            found.append("\(path): \(Self.text(znodes[path])), not \(Self.text(other.znodes[path]))")
        }
        return found
    }

    private static func text(_ znode: Znode?) -> String { znode.map { "\($0)" } ?? "missing" }
}
