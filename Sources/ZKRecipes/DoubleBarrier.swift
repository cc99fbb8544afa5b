public import ZKClient
public import ZKCore

/// Lets a number of members start together and end together, in the layout of Curator's `DistributedDoubleBarrier`: an
/// ephemeral znode `PATH/<uuid>` for each, and `PATH/ready` when all are there.
public struct DoubleBarrier: Sendable {
    let client: ZooKeeperClient
    public let path: ZnodePath
    public let membersMin: Int
    public let acl: [ACL]
    private let own: ZnodePath
    private let ready: ZnodePath

    /// - Parameter membersMin: how many must have entered before anyone goes on; at least 1.
    public init(_ client: ZooKeeperClient, path: ZnodePath, membersMin: Int, acl: [ACL] = .openUnsafe) {
        precondition(membersMin >= 1)
        self.client = client
        self.path = path
        self.membersMin = membersMin
        self.acl = acl
        own = path.appending(ProtectedName.uuid())
        ready = path.appending("ready")
    }

    /// Enters, and waits until `membersMin` have.
    ///
    /// - Throws: ``RecipeError/timedOut(path:)``, `CancellationError`, or `ZooKeeperError`; the own znode is deleted then.
    public func enter(timeout: Duration? = nil) async throws {
        do {
            let done: Bool? = try await withDeadline(timeout) {
                try await waitForAll()
                return true
            }
            guard done != nil else { throw RecipeError.timedOut(path: path) }
        } catch {
            let (client, own) = (client, own)
            try await Task { try await client.deleteSurely(own) }.value
            throw error
        }
    }

    private func waitForAll() async throws {
        try await client.createWithParents(path, acl: acl)
        let (stat, watch) = try await client.existsAndWatch(ready)
        try await createOwn()
        if stat != nil { return }
        if try await members().count >= membersMin {
            try await client.createWithParents(ready, acl: acl)
        } else {
            _ = try await watch.event()
        }
    }

    private func createOwn() async throws {
        while true {
            do {
                try await client.create(own, mode: .ephemeral, acl: acl)
                return
            } catch let error as ZooKeeperError where error.code == .nodeExists {
                return  // The create whose reply was lost went through: the name is ours alone.
            } catch let error as ZooKeeperError where error.isOutcomeUnknown {
                continue
            }
        }
    }

    /// Leaves, and waits until all have.
    public func leave(timeout: Duration? = nil) async throws {
        let done: Bool? = try await withDeadline(timeout) {
            try await waitForNone()
            return true
        }
        guard done != nil else { throw RecipeError.timedOut(path: path) }
    }

    /// The first member stays to the end and watches the last one; the others go and watch the first: no herd.
    private func waitForNone() async throws {
        while true {
            let members = try await members()
            guard let first = members.first, let last = members.last else { break }
            let isPresent = members.contains(own.name)
            if isPresent, members.count == 1 {
                try await client.deleteSurely(own)
                break
            }
            let isFirst = first == own.name
            if isPresent, !isFirst { try await client.deleteSurely(own) }
            let (stat, watch) = try await client.existsAndWatch(path.appending(isFirst ? last : first))
            if stat != nil { _ = try await watch.event() }
        }
        try await client.deleteSurely(ready)
    }

    private func members() async throws -> [String] {
        try await client.getChildren(path).filter { $0 != ready.name }.sorted()
    }
}
