internal import Glibc
internal import ShellLanguage
internal import ZKCore
internal import ZKReplica
internal import ZKStore

/// Writes data directories from which servers start.
///
/// All of it gets its name when it is whole; until then it is called `.partial`.
struct RestoredServers {
    /// A member of an ensemble: `HOST[:PEERPORT:ELECTIONPORT[:CLIENTPORT]]`.
    struct Member: Hashable {
        var host: String
        var peerPort = 2888
        var electionPort = 3888
        var clientPort = 2181

        init(_ text: String) throws(UsageError) {
            var rest = text[...]
            if rest.hasPrefix("["), let end = rest.firstIndex(of: "]") {
                host = String(rest[...end])
                rest = rest[rest.index(after: end)...]
            } else {
                let end = rest.firstIndex(of: ":") ?? rest.endIndex
                host = String(rest[..<end])
                rest = rest[end...]
            }
            let ports = rest.split(separator: ":", omittingEmptySubsequences: false).dropFirst().map { Int($0) }
            guard !host.isEmpty, host.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7F && $0 != UInt8(ascii: "=") }),
                [0, 2, 3].contains(ports.count), ports.allSatisfy({ $0.map { (1...65535).contains($0) } ?? false })
            else { throw UsageError("--ensemble \(text): a member is HOST or HOST:PEERPORT:ELECTIONPORT[:CLIENTPORT]") }
            let numbers = ports.compactMap { $0 }
            if numbers.count > 1 { (peerPort, electionPort) = (numbers[0], numbers[1]) }
            if numbers.count > 2 { clientPort = numbers[2] }
        }

        /// Those of an ensemble; no two share an address.
        static func list(_ text: String) throws(UsageError) -> [Member] {
            var members: [Member] = []
            for word in text.split(separator: ",", omittingEmptySubsequences: false) {
                members.append(try Member(String(word)))
            }
            guard members.count <= 255 else { throw UsageError("--ensemble: at most 255 servers") }
            guard Set(members.map { "\($0.host):\($0.peerPort)" }).count == members.count,
                Set(members.map { "\($0.host):\($0.clientPort)" }).count == members.count
            else { throw UsageError("--ensemble: two servers of one host need ports of their own") }
            return members
        }
    }

    var replica: Replica
    /// Absolute.
    var directory: String
    var keepsSessions = false
    var disk: any FileSystem = PosixFileSystem()

    var ephemeralCount: Int {
        replica.sessionsWithEphemerals.reduce(0) { $0 + replica.ephemeralPaths(of: $1).count }
    }

    /// The directory of a single server.
    func writeOne() throws(StoreError) {
        try writeWhole { partial throws(StoreError) in try writeData(in: partial, configuration: []) }
    }

    /// The directories of all servers of an ensemble.
    func write(_ members: [Member], epoch: UInt32) throws(StoreError) {
        try writeWhole { partial throws(StoreError) in
            for number in 1...members.count {
                let server = "\(partial)/\(Self.name(number))"
                try disk.createDirectory(server)
                try writeData(in: server, configuration: Self.membership(of: members))
                try writeText("\(epoch)", to: "\(server)/version-2/acceptedEpoch")
                try writeText("\(epoch)", to: "\(server)/version-2/currentEpoch")
                try writeText("\(number)\n", to: "\(server)/myid")
                try writeText(configuration(of: number, members), to: "\(server)/zoo.cfg")
                try disk.syncDirectory("\(server)/version-2")
                try disk.syncDirectory(server)
            }
        }
    }

    static func name(_ number: Int) -> String { "server-\(number)" }

    private func configuration(of number: Int, _ members: [Member]) -> String {
        var lines = [
            "tickTime=2000", "initLimit=10", "syncLimit=5", "dataDir=\(directory)/\(Self.name(number))",
            "clientPort=\(members[number - 1].clientPort)",
        ]
        for (index, member) in members.enumerated() {
            lines.append("server.\(index + 1)=\(member.host):\(member.peerPort):\(member.electionPort)")
        }
        return lines.joined(separator: "\n") + "\n"
    }

    private func writeWhole(_ body: (String) throws(StoreError) -> Void) throws(StoreError) {
        if let status = try disk.status(of: directory) {
            guard status.isDirectory, try disk.list(directory).isEmpty else {
                throw StoreError(
                    kind: .unusable, file: directory, problem: "there is something already",
                    wayOut: "Name a directory that is empty, or not there.")
            }
        }
        let partial = directory + ".partial"
        guard try disk.status(of: partial) == nil else {
            throw StoreError(
                kind: .unusable, file: partial, problem: "an interrupted restore has left this",
                wayOut: "Delete it, and try again.")
        }
        try disk.createDirectory(partial)
        try body(partial)
        try disk.syncDirectory(partial)
        try disk.rename(partial, to: directory)
        try disk.syncDirectory(directory.parentDirectory)
    }

    /// What `/zookeeper/config` is to hold: clients ask it for the servers, and a server does not look whether what its
    /// snapshot holds is of another ensemble.
    private static func membership(of members: [Member]) -> [UInt8] {
        var lines = members.enumerated().map { index, member in
            "server.\(index + 1)=\(member.host):\(member.peerPort):\(member.electionPort):participant;0.0.0.0:"
                + "\(member.clientPort)"
        }
        lines.append("version=0")
        return Array(lines.joined(separator: "\n").utf8)
    }

    private func writeData(in server: String, configuration: [UInt8]) throws(StoreError) {
        let version2 = "\(server)/version-2"
        try disk.createDirectory(version2)
        try replica.write(
            to: try SnapshotWriter(
                path: "\(version2)/\(StoreFileName.snapshot(replica.zxid))", zxid: replica.zxid, fileSystem: disk),
            keepsSessions: keepsSessions, configuration: configuration)
    }

    private func writeText(_ text: String, to path: String) throws(StoreError) {
        let file = try disk.create(path)
        try file.write(Array(text.utf8), at: 0)
        try file.sync()
    }

    /// What the epoch files of a data directory say.
    static func recordedEpoch(in directory: String) -> UInt32? {
        [directory, "\(directory)/version-2"].flatMap { place in
            ["acceptedEpoch", "currentEpoch"].compactMap { name -> UInt32? in
                guard let bytes = try? LocalFile.read("\(place)/\(name)") else { return nil }
                return UInt32(String(decoding: bytes, as: UTF8.self).trimmingBlanks())
            }
        }.max()
    }
}
