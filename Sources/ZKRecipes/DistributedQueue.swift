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
    /// How long a call that was cancelled waits for the answer about an element that it has begun to take.
    public var cleanupTimeout = Duration.cleanup

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
    ///
    /// An element that was read is taken or stays, whatever is cancelled meanwhile: the answer to its deletion decides, not
    /// the time.
    ///
    /// - Throws: ``RecipeError/perhapsTaken(path:data:)`` with the element when that answer was lost.
    public func pop(timeout: Duration? = nil) async throws -> [UInt8]? {
        try await withDeadline(timeout) {
            while true {
                let children: [String]
                let watch: OneShotWatch
                do {
                    (children, _, watch) = try await client.retrying { try await client.getChildrenAndWatch(path) }
                } catch let error as ZooKeeperError where error.code == .noNode {
                    try await client.createWithParents(path, acl: acl)
                    continue
                }
                if let data = try await takeFirst(of: children) { return data }
                _ = try await watch.event()
            }
        }
    }

    /// Takes the first element; nil when the queue is empty.
    ///
    /// - Throws: ``RecipeError/perhapsTaken(path:data:)`` like ``pop(timeout:)``.
    public func popNow() async throws -> [UInt8]? {
        do {
            return try await takeFirst(of: try await client.getChildren(path))
        } catch let error as ZooKeeperError where error.code == .noNode {
            return nil
        }
    }

    /// The first element, which stays; nil when the queue is empty.
    public func first() async throws -> [UInt8]? {
        try await client.contenders(of: path, first: 1) { $0.name.hasPrefix(Self.prefix) }.first?.data
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
                if try await take(child, data: data) { return data }
            } catch let error as ZooKeeperError where error.code == .noNode {
                continue
            }
        }
        return nil
    }

    /// Deletes an element whose data is known; whether it was still there.
    private func take(_ child: ZnodePath, data: [UInt8]) async throws -> Bool {
        try Task.checkCancellation()
        let client = client
        let isTaken = try await inBackground(limitWhenCancelled: cleanupTimeout) { () -> Bool? in
            try await client.take(child)
        }
        guard let isTaken, let isTaken else { throw RecipeError.perhapsTaken(path: child, data: data) }
        return isTaken
    }

    private func elements(_ children: [String]) -> [Contender] {
        Contender.queue(children).filter { $0.name.hasPrefix(Self.prefix) }
    }
}

extension ZooKeeperClient {
    /// Deletes `path`: whether it was there, nil when it is gone and that may be this call's doing.
    fileprivate func take(_ path: ZnodePath) async throws -> Bool? {
        var pause = RetryPause.ofRecipes
        // Whether an earlier try may have deleted it.
        var isDoubtful = false
        while true {
            do {
                try await delete(path)
                return true
            } catch let error as ZooKeeperError where error.code == .noNode {
                return isDoubtful ? nil : false
            } catch let error as ZooKeeperError where isPassing(error) {
                if error.isOutcomeUnknown { isDoubtful = true }
                try await pause.sleep()
            } catch let error as ZooKeeperError where isDoubtful || error.isOutcomeUnknown {
                return nil
            }
        }
    }
}
