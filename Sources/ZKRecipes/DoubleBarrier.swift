public import ZKClient
public import ZKCore

/// Lets a number of members start together and end together, in the layout of Curator's `DistributedDoubleBarrier`: an
/// ephemeral znode `PATH/<uuid>` for each, and `PATH/ready` when all are there.
///
/// A `ready` that members who were killed have left behind lets nobody in: it counts for those only who were there when
/// it was made, or written. Whoever completes the number writes it again for that.
public struct DoubleBarrier: Sendable {
    let client: ZooKeeperClient
    public let path: ZnodePath
    public let membersMin: Int
    public let acl: [ACL]
    /// How long a call that gives up waits until its znode is gone; the rest is done in the background.
    public var cleanupTimeout = Duration.cleanup
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
    /// - Parameter timeout: for all of it, with or without a connection.
    /// - Throws: ``RecipeError/timedOut(path:)``, `CancellationError`, or `ZooKeeperError`; the own znode is deleted then.
    public func enter(timeout: Duration? = nil) async throws {
        do {
            let done: Bool? = try await withDeadline(timeout) {
                try await waitForAll()
                return true
            }
            guard done != nil else { throw RecipeError.timedOut(path: path) }
        } catch {
            await client.deleteInBackground(own, limit: cleanupTimeout)
            throw error
        }
    }

    private func waitForAll() async throws {
        try await client.createWithParents(path, acl: acl)
        let entered = try await client.createOwn(own, acl: acl)
        while true {
            let (stat, watch) = try await client.retrying { try await client.existsAndWatch(ready) }
            if let stat, stat.mzxid > entered { return }
            let (members, changes) = try await membersAndWatch()
            guard members.contains(own.name) else { throw RecipeError.lost(path: own) }
            if members.count >= membersMin { return try await announce(over: entered) }
            // Beside a `ready` that does not count, one of another library would not be written again.
            let event = try await stat == nil ? watch.event() : firstEvent(of: [watch, changes])
            // It is newer than the own znode then, and counts even if one who leaves already, as members of kazoo do, has
            // deleted it again.
            if event.type == .nodeCreated || event.type == .nodeDataChanged { return }
        }
    }

    /// Says that all are there, to those as well who were in before a `ready` that was left behind.
    private func announce(over entered: Zxid) async throws {
        var pause = RetryPause.ofRecipes
        while true {
            do {
                try await client.create(ready, acl: acl)
                return
            } catch let error as ZooKeeperError where error.code == .nodeExists {
                do {
                    guard let stat = try await client.retrying({ try await client.exists(ready) }) else { continue }
                    if stat.mzxid > entered { return }
                    try await client.setData(ready, data: [])
                    return
                } catch let error as ZooKeeperError where error.code == .noNode || client.isPassing(error) {
                    try await pause.sleep()
                }
            } catch let error as ZooKeeperError where client.isPassing(error) {
                try await pause.sleep()
            }
        }
    }

    private func firstEvent(of watches: [OneShotWatch]) async throws -> WatchEvent {
        try await withThrowingTaskGroup(of: WatchEvent.self) { group in
            for watch in watches { group.addTask { try await watch.event() } }
            defer { group.cancelAll() }
            guard let event = try await group.next() else { throw CancellationError() }
            return event
        }
    }

    /// Leaves, and waits until all have.
    ///
    /// The own znode goes at the latest with the session, also when this fails.
    public func leave(timeout: Duration? = nil) async throws {
        do {
            let done: Bool? = try await withDeadline(timeout) {
                try await waitForNone()
                return true
            }
            guard done != nil else { throw RecipeError.timedOut(path: path) }
        } catch {
            await client.deleteInBackground(own, limit: cleanupTimeout)
            throw error
        }
    }

    /// The first member stays to the end and watches the last one; the others go and watch the first: no herd.
    private func waitForNone() async throws {
        while true {
            let members = try await client.retrying { try await self.members() }
            guard let first = members.first, let last = members.last else { break }
            let isPresent = members.contains(own.name)
            if isPresent, members.count == 1 {
                try await client.deleteSurely(own)
                break
            }
            let isFirst = first == own.name
            if isPresent, !isFirst { try await client.deleteSurely(own) }
            let (stat, watch) = try await client.retrying {
                try await client.existsAndWatch(path.appending(isFirst ? last : first))
            }
            if stat != nil { _ = try await watch.event() }
        }
        try await client.deleteSurely(ready)
    }

    private func members() async throws -> [String] {
        members(among: try await client.getChildren(path))
    }

    private func membersAndWatch() async throws -> (members: [String], watch: OneShotWatch) {
        let (children, _, watch) = try await client.retrying { try await client.getChildrenAndWatch(path) }
        return (members(among: children), watch)
    }

    private func members(among children: [String]) -> [String] {
        children.filter { $0 != ready.name && ZnodePath.isName($0) }.sorted()
    }
}
