import Foundation

/// An ensemble of Apache ZooKeeper servers on loopback.
public final class ApacheEnsemble: Sendable {
    public let members: [ApacheServer]

    /// All client ports, in the order of the members.
    public var connectString: String { members.map(\.connectString).joined(separator: ",") }

    init(members: [ApacheServer]) {
        self.members = members
    }

    /// Writes the configuration of `size` servers and starts none of them.
    ///
    /// - Parameters:
    ///   - observers: the numbers, from 1, of those that do not vote.
    ///   - views: whom a member lists in its configuration, by its number; those that are left out list all.
    public static func prepare(
        size: Int, observers: Set<Int> = [], views: [Int: Set<Int>] = [:], _ options: ApacheOptions = .standard
    ) throws -> ApacheEnsemble {
        let ports = try (1...size).map { _ in
            (quorum: try Loopback.freePort(), election: try Loopback.freePort(), client: try Loopback.freePort())
        }
        let lines = ports.enumerated().map { index, ports in
            let role = observers.contains(index + 1) ? "observer" : "participant"
            return "server.\(index + 1)=127.0.0.1:\(ports.quorum):\(ports.election):\(role);127.0.0.1:\(ports.client)"
        }
        return ApacheEnsemble(
            members: try ports.enumerated().map { index, ports in
                let view = views[index + 1]
                let listed = lines.enumerated().filter { view?.contains($0.offset + 1) ?? true }.map(\.element)
                return try ApacheServer(id: index + 1, port: ports.client, members: listed, options: options)
            })
    }

    /// Starts an ensemble and waits until each member serves.
    public static func start(
        size: Int, observers: Set<Int> = [], _ options: ApacheOptions = .standard
    ) async throws -> ApacheEnsemble {
        let ensemble = try prepare(size: size, observers: observers, options)
        for member in ensemble.members { try member.launch() }
        try await ensemble.waitUntilServing()
        return ensemble
    }

    /// Three servers that all tests of this process share: they keep to a znode of their own, and kill none.
    public static func shared() async throws -> ApacheEnsemble { try await sharedEnsemble.value }

    private static let sharedEnsemble = Task { try await start(size: 3) }

    public func waitUntilServing() async throws {
        for member in members { try await member.waitUntilServing() }
    }

    /// The member that leads now.
    public func leader() async throws -> ApacheServer {
        var found: ApacheServer?
        try await eventually(within: .seconds(60), "an ensemble with a leader") {
            for member in members where await member.role() == .leader {
                found = member
                return true
            }
            return false
        }
        guard let found else { throw ApacheServer.Failure(description: "no leader") }
        return found
    }

    /// One that follows.
    public func follower() async throws -> ApacheServer {
        for member in members where await member.role() == .follower { return member }
        throw ApacheServer.Failure(description: "no member follows")
    }

    public func stop() async {
        for member in members { await member.kill() }
    }
}
