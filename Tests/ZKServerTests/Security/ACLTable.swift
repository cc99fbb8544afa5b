import NIOCore
import ZKCore
import ZKWire

/// Walks operations × permissions × identities on one server and writes down every answer, so that two servers can be
/// compared.
struct ACLTable {
    /// Who asks.
    enum Requester: String, CaseIterable {
        case anonymous, alice, bob, both, superuser

        var credentials: [String] {
            switch self {
            case .anonymous: []
            case .alice: ["alice:secret"]
            case .bob: ["bob:other"]
            case .both: ["alice:secret", "bob:other"]
            case .superuser: ["super:golden"]
            }
        }
    }

    /// Whom the entry of the list is about.
    enum Subject: String, CaseIterable {
        case world, digest, auth, authOfBoth, address, network, otherNetwork, worldOrAlice

        static let alice = ACLIdentity(scheme: "digest", id: "alice:aYXlLOpEooaV1cRAvUL1fp9Qt7E=")
        static let bob = ACLIdentity(scheme: "digest", id: "bob:OPvMIE3SHMvpuUQOlE6StbVL8VQ=")

        /// The list as a client sends it.
        func sent(_ perms: Permissions) -> [ACL] {
            switch self {
            case .auth, .authOfBoth: [ACL(perms: perms, identity: .authenticated)]
            default: stored(perms)
            }
        }

        /// The list as the znode has it.
        func stored(_ perms: Permissions) -> [ACL] {
            switch self {
            case .world: [ACL(perms: perms, identity: .anyone)]
            case .digest, .auth: [ACL(perms: perms, identity: Self.alice)]
            case .authOfBoth: [ACL(perms: perms, identity: Self.alice), ACL(perms: perms, identity: Self.bob)]
            case .address: [ACL(perms: perms, scheme: "ip", id: "127.0.0.1")]
            case .network: [ACL(perms: perms, scheme: "ip", id: "127.0.0.0/8")]
            case .otherNetwork: [ACL(perms: perms, scheme: "ip", id: "10.1.0.0/16")]
            case .worldOrAlice:
                [
                    ACL(perms: perms.intersection(.read), identity: .anyone),
                    ACL(perms: perms.subtracting(.read), identity: Self.alice),
                ]
            }
        }

        /// Who sets the list: `auth` stands for the identities of the one who sends it.
        var author: Requester {
            switch self {
            case .auth: .alice
            case .authOfBoth: .both
            default: .superuser
            }
        }

        /// Who of the requesters an identity of a list means.
        private static func means(_ identity: ACLIdentity, _ requester: Requester) -> Bool {
            switch identity {
            case .anyone: true
            case alice: requester == .alice || requester == .both
            case bob: requester == .bob || requester == .both
            default: identity.id.string.hasPrefix("127.")
            }
        }

        /// What ZooKeeper's rules say, written down anew.
        func grants(_ needed: Permissions, of perms: Permissions, to requester: Requester) -> Bool {
            requester == .superuser
                || stored(perms).contains {
                    !$0.perms.isDisjoint(with: needed) && Self.means($0.identity, requester)
                }
        }
    }

    /// No bit, each alone, all but each, all, and bits without a meaning.
    static let permissionSets: [Int32] = [0, 1, 2, 4, 8, 16, 30, 29, 27, 23, 15, 31, 32, 63, -1]

    struct Row: Sendable {
        var operation: String
        var needs: Permissions?
        var subject: Subject
        var perms: Permissions
        var requester: Requester
        var answer: String
        var isRefused: Bool

        var label: String { "\(operation) by \(requester) where \(subject) has \(perms.rawValue)" }
    }

    private let clients: [Requester: RawClient]

    /// Connects all requesters.
    init(port: Int) throws {
        var clients: [Requester: RawClient] = [:]
        for requester in Requester.allCases {
            let client = try RawClient(port: port)
            try client.connect()
            for credentials in requester.credentials {
                try client.authenticate(credentials)
            }
            clients[requester] = client
        }
        self.clients = clients
    }

    subscript(requester: Requester) -> RawClient {
        guard let client = clients[requester] else { preconditionFailure("every requester is connected") }
        return client
    }

    /// All answers, in an order that is the same for every server.
    func walk() throws -> [Row] {
        try self[.superuser].ask(Requests.create(1, "/t"))
        var rows: [Row] = []
        for subject in Subject.allCases {
            for bits in Self.permissionSets {
                for requester in Requester.allCases {
                    rows += try walk(subject, Permissions(rawValue: bits), requester)
                }
            }
        }
        return rows
    }

    private func walk(_ subject: Subject, _ perms: Permissions, _ requester: Requester) throws -> [Row] {
        let path = "/t/\(subject)\(perms.rawValue)\(requester)"
        try prepare(path, subject, perms)
        let operations = ACLOperation.all(on: path, acl: subject.stored(perms))
        try self[requester].send(operations.flatMap(\.frame))
        return try operations.map { operation in
            let reply = try self[requester].receiveReply()
            let description = try operation.describe(reply)
            return Row(
                operation: operation.name, needs: operation.needs, subject: subject, perms: perms, requester: requester,
                answer: description,
                isRefused: description.contains("-102"))
        }
    }

    /// Children come before the list, which might forbid them.
    private func prepare(_ path: String, _ subject: Subject, _ perms: Permissions) throws {
        let author = self[subject.author]
        let paths = ["", "/c", "/d", "/k", "-leaf"].map { UString(path + $0) }
        try author.send(paths.flatMap { Requests.create(1, $0, data: Array("old".utf8)) })
        for path in paths {
            try author.receiveReply().expectOK("creating \(path)")
        }
        for path in [paths[0], paths[4]] {
            let request = SetACLRequest(path: path, acl: subject.sent(perms), version: -1)
            try author.send(Requests.request(2, .setACL, request))
            try author.receiveReply().expectOK("setting the list of \(path)")
        }
    }
}

extension RawClient {
    /// The next frame that is no event.
    func receiveReply() throws -> Reply {
        while true {
            let reply = try receive()
            if reply.header.xid != XID.notification { return reply }
        }
    }

    func authenticate(_ credentials: String) throws {
        let packet = AuthPacket(type: 0, scheme: "digest", auth: Array(credentials.utf8))
        try ask(Requests.request(-4, .auth, packet)).expectOK("authenticating")
    }
}

extension Reply {
    func expectOK(_ what: String) throws {
        guard header.err == .ok else { throw RawClient.Failure(description: "\(what): \(header.err)") }
    }
}
