public import ZKClient
public import ZKCore

/// A queue whose elements are persistent sequential znodes `PATH/qn-NNNNNNNNNN`, in the layout of Curator's
/// `SimpleDistributedQueue`. Each element is taken once; one that was taken is lost when its taker dies before it is done
/// with it.
public struct DistributedQueue: Sendable {
    private static let prefix = "qn-"

    let client: ZooKeeperClient
    public let path: ZnodePath
    public let acl: [ACL]

    public init(_ client: ZooKeeperClient, path: ZnodePath, acl: [ACL] = .openUnsafe) {
        self.client = client
        self.path = path
        self.acl = acl
    }

    /// Appends an element.
    ///
    /// - Throws: `ZooKeeperError`; with `isOutcomeUnknown` the element may be in the queue: a second try may double it.
    public func push(_ data: [UInt8]) async throws {
        let base = path.appending(Self.prefix)
        do {
            try await client.create(base, data: data, mode: .persistentSequential, acl: acl)
        } catch let error as ZooKeeperError where error.code == .noNode {
            try await client.createWithParents(path, acl: acl)
            try await client.create(base, data: data, mode: .persistentSequential, acl: acl)
        }
    }

    /// Takes the first element, and waits for one when there is none; nil after `timeout`.
    public func pop(timeout: Duration? = nil) async throws -> [UInt8]? {
        try await client.createWithParents(path, acl: acl)
        return try await withDeadline(timeout) {
            while true {
                let (children, _, watch) = try await client.getChildrenAndWatch(path)
                if let data = try await takeFirst(of: children) { return data }
                _ = try await watch.event()
            }
        }
    }

    /// Takes the first element; nil when the queue is empty.
    public func popNow() async throws -> [UInt8]? {
        do {
            return try await takeFirst(of: try await client.getChildren(path))
        } catch let error as ZooKeeperError where error.code == .noNode {
            return nil
        }
    }

    /// The first element, which stays; nil when the queue is empty.
    public func first() async throws -> [UInt8]? {
        try await client.contenders(of: path).first { $0.path.name.hasPrefix(Self.prefix) }?.data ?? nil
    }

    public func count() async throws -> Int {
        do {
            return elements(try await client.getChildren(path)).count
        } catch let error as ZooKeeperError where error.code == .noNode {
            return 0
        }
    }

    /// Another taker may be faster: then the next one is tried.
    private func takeFirst(of children: [String]) async throws -> [UInt8]? {
        for element in elements(children) {
            let child = path.appending(element.name)
            do {
                let data = try await client.getData(child).data ?? []
                try await client.delete(child)
                return data
            } catch let error as ZooKeeperError where error.code == .noNode {
                continue
            }
        }
        return nil
    }

    private func elements(_ children: [String]) -> [Contender] {
        children.filter { $0.hasPrefix(Self.prefix) }.compactMap(Contender.init(name:)).sorted()
    }
}
