public import ZKClient
public import ZKCore

/// A number in a znode, changed by compare and set.
public struct AtomicCounter: Sendable {
    public enum Encoding: Sendable {
        /// Eight bytes, big-endian: Curator's `DistributedAtomicLong`.
        case bigEndian
        /// ASCII digits: kazoo's `Counter`, and what reads well in a shell.
        case decimal
    }

    let client: ZooKeeperClient
    public let path: ZnodePath
    public let encoding: Encoding
    public let acl: [ACL]

    public init(
        _ client: ZooKeeperClient, path: ZnodePath, encoding: Encoding = .bigEndian, acl: [ACL] = .openUnsafe
    ) {
        self.client = client
        self.path = path
        self.encoding = encoding
        self.acl = acl
    }

    /// The number; 0 when there is no znode.
    public func value() async throws -> Int64 {
        try await read().value
    }

    /// Adds `amount` (wrapping) and returns the new number.
    ///
    /// - Throws: `ZooKeeperError`; with `isOutcomeUnknown` the number may be changed: a second try may add twice.
    @discardableResult
    public func add(_ amount: Int64) async throws -> Int64 {
        while true {
            let (old, version) = try await read()
            let new = old &+ amount
            if try await write(new, version: version) { return new }
        }
    }

    /// Sets the number to `new` when it is `old`; whether it did.
    public func exchange(_ old: Int64, for new: Int64) async throws -> Bool {
        while true {
            let (value, version) = try await read()
            guard value == old else { return false }
            if try await write(new, version: version) { return true }
        }
    }

    /// The number, and the version of its znode: nil when there is none.
    private func read() async throws -> (value: Int64, version: Int32?) {
        do {
            let (data, stat) = try await client.getData(path)
            return (try decode(data ?? []), stat.version)
        } catch let error as ZooKeeperError where error.code == .noNode {
            return (0, nil)
        }
    }

    /// Whether the znode still had `version`.
    private func write(_ value: Int64, version: Int32?) async throws -> Bool {
        do {
            if let version {
                try await client.setData(path, data: encode(value), version: version)
            } else {
                try await client.create(path, data: encode(value), acl: acl)
            }
            return true
        } catch let error as ZooKeeperError where error.code == .badVersion || error.code == .nodeExists {
            return false
        } catch let error as ZooKeeperError where error.code == .noNode {
            if version == nil, let parent = path.parent { try await client.createWithParents(parent, acl: acl) }
            return false
        }
    }

    private func encode(_ value: Int64) -> [UInt8] {
        switch encoding {
        case .bigEndian: withUnsafeBytes(of: value.bigEndian) { Array($0) }
        case .decimal: Array(String(value).utf8)
        }
    }

    private func decode(_ bytes: [UInt8]) throws(RecipeError) -> Int64 {
        if bytes.isEmpty { return 0 }
        switch encoding {
        case .bigEndian:
            guard bytes.count == 8 else { throw .malformedData(path: path) }
            return bytes.reduce(0) { $0 << 8 | Int64($1) }
        case .decimal:
            guard let value = Int64(String(decoding: bytes, as: UTF8.self)) else { throw .malformedData(path: path) }
            return value
        }
    }
}
