/// An open-addressing table of (hash, index): the keys live with what the index names.
///
/// Linear probing, at most 70 % full and at least 9 % once it has grown, erased by shifting back. Index 0 stands for an empty slot.
struct HashIndex: ~Copyable {
    private struct Slot {
        var hash: UInt32
        var index: UInt32
    }

    private var slots: UnsafeMutablePointer<Slot>
    private var mask: Int
    var capacity: Int { mask + 1 }
    /// Tables below this do not shrink.
    private static let shrinkingCapacityMin = 1 << 12
    private(set) var count = 0

    init(minimumCapacity: Int = 16) {
        var capacity = 16
        while capacity * 7 / 10 < minimumCapacity { capacity *= 2 }
        slots = .allocate(capacity: capacity)
        slots.initialize(repeating: Slot(hash: 0, index: 0), count: capacity)
        mask = capacity - 1
    }

    deinit {
        slots.deallocate()
    }

    /// The first index under `hash` that `matches`, or 0.
    @inline(__always)
    func find(hash: UInt32, where matches: (UInt32) -> Bool) -> UInt32 {
        var position = Int(hash) & mask
        while true {
            let slot = slots[position]
            if slot.index == 0 { return 0 }
            if slot.hash == hash, matches(slot.index) { return slot.index }
            position = (position + 1) & mask
        }
    }

    /// Adds an index whose key is not in the table.
    mutating func insert(hash: UInt32, index: UInt32) {
        if (count + 1) * 10 > (mask + 1) * 7 { resize(to: (mask + 1) * 2) }
        place(Slot(hash: hash, index: index))
        count += 1
    }

    mutating func remove(hash: UInt32, index: UInt32) {
        var position = Int(hash) & mask
        while slots[position].index != index {
            precondition(slots[position].index != 0, "the index to remove is in the table")
            position = (position + 1) & mask
        }
        // Move back what was pushed beyond this slot.
        var hole = position
        var probe = (position + 1) & mask
        while slots[probe].index != 0 {
            let home = Int(slots[probe].hash) & mask
            if (probe - home) & mask >= (probe - hole) & mask {
                slots[hole] = slots[probe]
                hole = probe
            }
            probe = (probe + 1) & mask
        }
        slots[hole] = Slot(hash: 0, index: 0)
        count -= 1
        if mask >= Self.shrinkingCapacityMin, count * 11 < mask + 1 { resize(to: (mask + 1) / 4) }
    }

    private mutating func place(_ slot: Slot) {
        var position = Int(slot.hash) & mask
        while slots[position].index != 0 { position = (position + 1) & mask }
        slots[position] = slot
    }

    private mutating func resize(to capacity: Int) {
        let old = slots
        let oldCapacity = mask + 1
        slots = .allocate(capacity: capacity)
        slots.initialize(repeating: Slot(hash: 0, index: 0), count: capacity)
        mask = capacity - 1
        for position in 0..<oldCapacity where old[position].index != 0 { place(old[position]) }
        old.deallocate()
    }
}
