package import ZKCore

/// The access control lists in use, each once. A znode holds the index of its list.
///
/// Index 0 is the list that stands for a null one in a txn, `OPEN_ACL_UNSAFE`; it has the ID -1 in a snapshot. All
/// others have IDs that only grow, as in Apache's `ReferenceCountedACLCache`.
package struct ACLCache {
    private struct Entry {
        var id: Int64
        var list: [ACL]
        /// The list as it stands on the wire: key of the table, and copied as it is into log records and replies.
        var encoded: [UInt8]
        var usage: Int
        /// What `world:anyone` may do: answers nearly every check.
        var worldPerms: Int32
        /// Whether a request with these very bytes needs no fix-up.
        var isFixedPoint: Bool
    }

    private var entries: ContiguousArray<Entry>
    private var freeSlots: [UInt32] = []
    private var slotsByBytes: [[UInt8]: UInt32] = [:]
    /// Where the last lookup by bytes ended: most requests carry the list of the one before.
    private var lastSlot: UInt32 = 0
    private(set) var lastID: Int64 = 0

    init() {
        entries = [
            Entry(
                id: -1, list: .openUnsafe, encoded: [ACL].openUnsafe.encodedBytes, usage: 1, worldPerms: 31,
                isFixedPoint: false)
        ]
    }

    /// The slot of a list, with one more use of it.
    mutating func intern(_ list: [ACL]?, isFixedPoint: Bool = false) -> UInt32 {
        guard let list else { return 0 }
        if !isFixedPoint, lastSlot != 0, entries[Int(lastSlot)].list == list {
            entries[Int(lastSlot)].usage += 1
            return lastSlot
        }
        let encoded = list.encodedBytes
        if let slot = slotsByBytes[encoded] {
            entries[Int(slot)].usage += 1
            if isFixedPoint { entries[Int(slot)].isFixedPoint = true }
            lastSlot = slot
            return slot
        }
        lastSlot = add(list, encoded: encoded, id: nextID(), usage: 1, isFixedPoint: isFixedPoint)
        return lastSlot
    }

    /// The slot of a list that was fixed up before and came out as these very bytes, with one more use of it.
    mutating func reuse(encoded: UnsafeRawBufferPointer) -> UInt32? {
        if lastSlot != 0, reuse(lastSlot, ifEqual: encoded) { return lastSlot }
        guard let slot = slotsByBytes[Array(encoded)], entries[Int(slot)].isFixedPoint else { return nil }
        entries[Int(slot)].usage += 1
        lastSlot = slot
        return slot
    }

    @inline(__always)
    private mutating func reuse(_ slot: UInt32, ifEqual encoded: UnsafeRawBufferPointer) -> Bool {
        guard entries[Int(slot)].isFixedPoint, entries[Int(slot)].encoded.count == encoded.count,
            entries[Int(slot)].encoded.withUnsafeBytes({ bytesAreEqual($0, encoded) })
        else { return false }
        entries[Int(slot)].usage += 1
        return true
    }

    /// One above the last. After the highest, which only a snapshot brings, any that is free.
    private mutating func nextID() -> Int64 {
        if lastID < .max {
            lastID += 1
            return lastID
        }
        let used = Set(entries.map(\.id))
        return (1...).first { !used.contains($0) } ?? 1
    }

    /// Puts a list of a snapshot under the ID it has there; nothing uses it yet.
    mutating func restore(_ list: [ACL], id: Int64) -> UInt32 {
        lastID = max(lastID, id)
        return add(list, encoded: list.encodedBytes, id: id, usage: 0, isFixedPoint: false)
    }

    private mutating func add(
        _ list: [ACL], encoded: [UInt8], id: Int64, usage: Int, isFixedPoint: Bool
    ) -> UInt32 {
        let world = list.reduce(Int32(0)) { $1.identity == .anyone ? $0 | $1.perms.rawValue : $0 }
        let entry = Entry(
            id: id, list: list, encoded: encoded, usage: usage, worldPerms: list.isEmpty ? -1 : world,
            isFixedPoint: isFixedPoint)
        let slot: UInt32
        if let free = freeSlots.popLast() {
            slot = free
            entries[Int(slot)] = entry
        } else {
            slot = UInt32(entries.count)
            entries.append(entry)
        }
        slotsByBytes[encoded] = slot
        return slot
    }

    mutating func retain(_ slot: UInt32) {
        if slot != 0 { entries[Int(slot)].usage += 1 }
    }

    mutating func release(_ slot: UInt32) {
        guard slot != 0 else { return }
        entries[Int(slot)].usage -= 1
        if entries[Int(slot)].usage == 0 { drop(slot) }
    }

    /// Drops the lists of a snapshot that no znode uses.
    mutating func dropUnused() {
        for slot in entries.indices.dropFirst() where entries[slot].usage == 0 && entries[slot].id != 0 {
            drop(UInt32(slot))
        }
    }

    private mutating func drop(_ slot: UInt32) {
        if slotsByBytes[entries[Int(slot)].encoded] == slot { slotsByBytes[entries[Int(slot)].encoded] = nil }
        entries[Int(slot)] = Entry(id: 0, list: [], encoded: [], usage: 0, worldPerms: 0, isFixedPoint: false)
        if lastSlot == slot { lastSlot = 0 }
        freeSlots.append(slot)
    }

    package func list(at slot: UInt32) -> [ACL] { entries[Int(slot)].list }

    /// The list as it stands on the wire, its count included.
    package func encoded(at slot: UInt32) -> [UInt8] { entries[Int(slot)].encoded }

    @inline(__always)
    func encodedCount(at slot: UInt32) -> Int { entries[Int(slot)].encoded.count }

    package func id(at slot: UInt32) -> Int64 { entries[Int(slot)].id }

    @inline(__always)
    func worldPerms(at slot: UInt32) -> Int32 { entries[Int(slot)].worldPerms }

    /// The lists in use and their IDs, without the one that stands for null.
    package var listsInUse: [(id: Int64, list: [ACL])] {
        entries.dropFirst().filter { $0.usage > 0 }.map { ($0.id, $0.list) }.sorted { $0.id < $1.id }
    }
}

extension [ACL] {
    /// The list as it stands on the wire and in the log: a count, then perms, scheme and ID of each entry.
    package var encodedBytes: [UInt8] {
        var bytes: [UInt8] = []
        func append(_ value: Int) {
            for shift in [24, 16, 8, 0] { bytes.append(UInt8(truncatingIfNeeded: value >> shift)) }
        }
        func append(_ string: UString) {
            append(string.bytes.count)
            bytes += string.bytes
        }
        append(count)
        for entry in self {
            append(Int(entry.perms.rawValue))
            append(entry.identity.scheme)
            append(entry.identity.id)
        }
        return bytes
    }
}

@inline(__always)
func bytesAreEqual(_ a: UnsafeRawBufferPointer, _ b: UnsafeRawBufferPointer) -> Bool {
    guard a.count == b.count else { return false }
    guard let aBase = a.baseAddress, let bBase = b.baseAddress else { return true }
    let count = a.count
    if count >= 8 {
        var offset = 0
        while offset + 8 <= count {
            if aBase.loadUnaligned(fromByteOffset: offset, as: UInt64.self)
                != bBase.loadUnaligned(fromByteOffset: offset, as: UInt64.self)
            {
                return false
            }
            offset += 8
        }
        return aBase.loadUnaligned(fromByteOffset: count - 8, as: UInt64.self)
            == bBase.loadUnaligned(fromByteOffset: count - 8, as: UInt64.self)
    }
    for index in 0..<count
    where aBase.load(fromByteOffset: index, as: UInt8.self) != bBase.load(fromByteOffset: index, as: UInt8.self) {
        return false
    }
    return true
}
