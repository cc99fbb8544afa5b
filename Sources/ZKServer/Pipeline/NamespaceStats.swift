#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// The bytes read or written below each child of the root: `read_per_namespace` and `write_per_namespace`.
///
/// Every request adds to it, so a name is hashed where it stands in the path and found by one look into a table. As the
/// names are up to the clients, only so many are told apart, and none that is long.
final class NamespaceStats {
    struct Counts {
        var count: Int64 = 0
        var sum: Int64 = 0
        var min: Int64 = 0
        var max: Int64 = 0

        @inline(__always)
        mutating func add(_ value: Int64) {
            count &+= 1
            sum &+= value
            if count == 1 || value < min { min = value }
            if value > max { max = value }
        }

        mutating func merge(_ other: Counts) {
            guard other.count > 0 else { return }
            min = count == 0 ? other.min : Swift.min(min, other.min)
            max = Swift.max(max, other.max)
            count += other.count
            sum &+= other.sum
        }
    }

    private struct Slot {
        var hash: UInt64 = 0
        var nameBytes = 0
        /// nil for one that is free.
        var name: UnsafeMutableRawPointer?
        var counts = Counts()
    }

    static let namesMax = 1000
    static let nameBytesMax = 256
    /// What Apache adds to a read for the stat.
    private static let statBytes: Int64 = 68
    /// As many as the hash has values of its upper 11 bits.
    private static let slotCount = 1 << 11

    private let slots: UnsafeMutablePointer<Slot>
    private var used = 0

    init() {
        slots = .allocate(capacity: Self.slotCount)
        slots.initialize(repeating: Slot(), count: Self.slotCount)
    }

    deinit {
        for index in 0..<Self.slotCount { slots[index].name?.deallocate() }
        slots.deallocate()
    }

    /// A read of `bytes` of data or of names of children.
    @inline(__always)
    func addRead(_ path: UnsafeRawBufferPointer, bytes: Int) {
        add(path, Int64(path.count + bytes) + Self.statBytes)
    }

    @inline(__always)
    func addWrite(_ path: UnsafeRawBufferPointer, bytes: Int) {
        add(path, Int64(path.count + bytes))
    }

    private func add(_ path: UnsafeRawBufferPointer, _ value: Int64) {
        // The root belongs to none.
        guard path.count > 1, let start = path.baseAddress.map({ $0 + 1 }) else { return }
        let (hash, count) = Self.hash(start, path.count - 1)
        // The upper bits are the best ones.
        var index = Int(hash >> 53)
        while let known = slots[index].name {
            // The hash of so short a name is the name.
            if slots[index].hash == hash, slots[index].nameBytes == count,
                count <= 8 || memcmp(known, start, count) == 0
            {
                slots[index].counts.add(value)
                return
            }
            index = (index + 1) & (Self.slotCount - 1)
        }
        guard used < Self.namesMax, count <= Self.nameBytesMax else { return }
        used += 1
        let copy = UnsafeMutableRawPointer.allocate(byteCount: Swift.max(1, count), alignment: 1)
        copy.copyMemory(from: start, byteCount: count)
        slots[index] = Slot(hash: hash, nameBytes: count, name: copy)
        slots[index].counts.add(value)
    }

    /// The hash of the bytes up to a slash and their number, eight at a time.
    @inline(__always)
    private static func hash(_ start: UnsafeRawPointer, _ bytes: Int) -> (hash: UInt64, count: Int) {
        let (ones, highs): (UInt64, UInt64) = (0x0101_0101_0101_0101, 0x8080_8080_8080_8080)
        var hash: UInt64 = 0
        var count = 0
        while count < bytes {
            var word: UInt64 = 0
            let available = Swift.min(8, bytes - count)
            if available == 8 {
                word = UInt64(littleEndian: start.loadUnaligned(fromByteOffset: count, as: UInt64.self))
            } else {
                for index in 0..<available {
                    word |= UInt64(start.load(fromByteOffset: count + index, as: UInt8.self)) << UInt64(8 * index)
                }
            }
            // The lowest bit is that of the first byte that is a slash.
            let others = word ^ ones &* UInt64(UInt8(ascii: "/"))
            let slashes = (others &- ones) & ~others & highs
            let taken = slashes == 0 ? available : slashes.trailingZeroBitCount / 8
            if taken < 8 { word &= 1 &<< UInt64(8 * taken) &- 1 }
            hash = (hash ^ word) &* 0x9E37_79B9_7F4A_7C15
            hash ^= hash >> 32
            count += taken
            if taken < 8 { break }
        }
        return (hash, count)
    }

    var all: [(name: String, counts: Counts)] {
        (0..<Self.slotCount).compactMap { index in
            guard let name = slots[index].name else { return nil }
            let bytes = UnsafeRawBufferPointer(start: name, count: slots[index].nameBytes)
            return (String(decoding: bytes, as: UTF8.self), slots[index].counts)
        }
    }

    /// The names stay, as in Apache ZooKeeper.
    func reset() {
        for index in 0..<Self.slotCount { slots[index].counts = Counts() }
    }
}
