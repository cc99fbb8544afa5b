internal import ShellLanguage
internal import ZKClient
internal import ZKCore
internal import ZKText

/// What `apply --owner NAME` has created: the only znodes that it may delete.
///
/// `/zoosh/owners/NAME` names the subtree, its children list the znodes. A list is changed in the same multi as the
/// znodes. It cannot know their czxids then: that of a znode without one is the mzxid of the list, and the next change of
/// the list writes it down.
struct OwnerRecord: Sendable {
    static let directory: ZnodePath = "/zoosh/owners"
    /// Less than what fits a request beside the changes.
    private static let partBytesMax = 96 << 10

    let name: String
    private let root: ZnodePath
    private let client: ZooKeeperClient
    private var parts: [Part] = []
    /// The part that lists a znode.
    private var places: [ZnodePath: Int] = [:]
    private var staged: [Int: Part] = [:]
    private var acl: [ACL] = .openUnsafe

    private struct Part: Sendable {
        var path: ZnodePath
        var version: Int32
        /// Zero stands for the mzxid of the part.
        var entries: [ZnodePath: Zxid] = [:]
        var bytes = 0

        static func bytes(of path: ZnodePath) -> Int { path.string.utf8.count + 48 }

        var serialized: [UInt8] {
            var lines: [UInt8] = []
            for (path, czxid) in entries.sorted(by: { $0.key.string < $1.key.string }) {
                lines +=
                    JSONValue.members([
                        "path": JSONValue(path), "czxid": czxid == .zero ? nil : .string(czxid.description),
                    ]).serialized
                lines.append(.newline)
            }
            return lines
        }
    }

    /// - Throws: ``ShellError`` 2 for a name that is none, 10 for one of another subtree, 11 for a record that is damaged.
    init(_ name: String, of root: ZnodePath, on client: ZooKeeperClient) async throws {
        guard !name.isEmpty, name.utf8.count <= 128, name != ".", name != "..",
            name.utf8.allSatisfy(Self.isNameByte)
        else { throw ShellError.usage("--owner \(name): a name has letters, digits, and - _ .") }
        self.name = name
        self.root = root
        self.client = client
        try await load()
    }

    private static func isNameByte(_ byte: UInt8) -> Bool {
        (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
            || (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte | 0x20) || "-_.".utf8.contains(byte)
    }

    private var path: ZnodePath { Self.directory.appending(name) }

    private mutating func load() async throws {
        guard try await client.exists(path) != nil else { return }
        let (data, _) = try await client.getData(path)
        acl = try await client.getACL(path).acl
        guard let header = try? JSONValue(parsing: data ?? []), header["zoosh"]?.stringValue == "owner",
            header["version"]?.intValue == 1, let recorded = header["root"]?.stringValue
        else { throw damaged(path) }
        guard recorded == root.string else {
            throw ShellError(
                .refused, "refused: owner \(name) is that of \(recorded), not of \(root): choose another name",
                path: path)
        }
        let paths = try await client.getChildren(path).sortedAsJava().map { path.appending($0) }
        for (path, answer) in zip(paths, try await client.data(of: paths)) {
            let znode = try answer.get()
            var part = Part(path: path, version: znode.stat.version)
            for line in (znode.data ?? []).split(separator: .newline) {
                guard let value = try? JSONValue(parsing: line),
                    let listed = value["path"]?.stringValue.flatMap({ try? ZnodePath($0) })
                else { throw damaged(path) }
                part.entries[listed] = value["czxid"].flatMap(Zxid.init(json:)) ?? znode.stat.mzxid
                part.bytes += Part.bytes(of: listed)
                places[listed] = parts.count
            }
            parts.append(part)
        }
    }

    private func damaged(_ path: ZnodePath) -> ShellError {
        ShellError(
            .corruptFile, "\(path): this is no list of an owner: delete \(self.path) to forget what it owns", path: path
        )
    }

    /// Those of a subtree, as far as they can be read.
    static func all(of root: ZnodePath, on client: ZooKeeperClient) async throws -> [OwnerRecord] {
        guard try await client.exists(directory) != nil else { return [] }
        var records: [OwnerRecord] = []
        for name in try await client.getChildren(directory) {
            do {
                records.append(try await OwnerRecord(name, of: root, on: client))
            } catch is ShellError {
                continue
            } catch let error as ZooKeeperError where error.isOfZnode {
                continue
            }
        }
        return records
    }

    /// Makes the record if it is not there.
    ///
    /// - Returns: whether anybody may change it.
    mutating func create() async throws -> Bool {
        let hasIdentity = try await client.hasIdentity
        guard try await client.exists(path) == nil else { return false }
        try await client.createParents(of: path)
        acl = hasIdentity ? .creatorAll : .openUnsafe
        let header = JSONValue.members(["zoosh": "owner", "version": 1, "root": JSONValue(root)])
        try await client.create(path, data: header.serialized, acl: acl)
        return !hasIdentity
    }

    /// Whether the znode is the one that was created in this name.
    func owns(_ path: ZnodePath, czxid: Zxid) -> Bool {
        guard let place = places[path], let entry = parts[place].entries[path] else { return false }
        return entry == czxid
    }

    /// The part that has, or would get, a znode.
    func part(of path: ZnodePath) -> Int? { places[path] }

    /// The changes of the lists that go with those of znodes.
    mutating func stage(created: [ZnodePath], deleted: [ZnodePath]) async throws -> [MultiOp] {
        staged = [:]
        for path in deleted {
            guard let place = places[path] else { continue }
            var part = staged[place] ?? parts[place]
            if part.entries.removeValue(forKey: path) != nil { part.bytes -= Part.bytes(of: path) }
            staged[place] = part
        }
        for path in created {
            let place: Int
            if let known = places[path] {
                place = known
            } else {
                let last = parts.indices.last
                if let last, (staged[last] ?? parts[last]).bytes + Part.bytes(of: path) <= Self.partBytesMax {
                    place = last
                } else {
                    place = try await addPart()
                }
            }
            var part = staged[place] ?? parts[place]
            if part.entries.updateValue(.zero, forKey: path) == nil { part.bytes += Part.bytes(of: path) }
            staged[place] = part
        }
        return staged.sorted { $0.key < $1.key }
            .map { .setData($0.value.path, data: $0.value.serialized, version: $0.value.version) }
    }

    /// The multi is done; `results` are those of the ops that ``stage(created:deleted:)`` gave.
    mutating func commit(_ results: some Sequence<MultiResult>) {
        for ((place, part), result) in zip(staged.sorted(by: { $0.key < $1.key }), results) {
            guard case .setData(let stat) = result else { continue }
            for path in parts[place].entries.keys where part.entries.index(forKey: path) == nil { places[path] = nil }
            var part = part
            part.version = stat.version
            for (path, czxid) in part.entries where czxid == .zero {
                part.entries[path] = stat.mzxid
                places[path] = place
            }
            parts[place] = part
        }
        staged = [:]
    }

    private mutating func addPart() async throws -> Int {
        let last = parts.last.flatMap { Int($0.path.name.drop { !$0.isNumber }) } ?? -1
        let name = "part-" + String(last + 1).leftPadded(to: 6)
        let path = path.appending(name)
        try await client.create(path, data: [], acl: acl)
        parts.append(Part(path: path, version: 0))
        return parts.count - 1
    }
}

extension String {
    fileprivate func leftPadded(to count: Int) -> String {
        String(repeating: "0", count: max(0, count - utf8.count)) + self
    }
}
