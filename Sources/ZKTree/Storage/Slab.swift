#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// Values of one trivial type, named by a 32-bit index that stays theirs until it is freed. Index 0 names nothing.
///
/// One allocation that grows by `realloc`, so that a pointer from ``subscript(_:)`` is good only until the next
/// ``allocate()``. Free indices are kept in a stack of their own; the pages of many neighbours that are free go back to
/// the system, and read as zeros until they are used again.
struct Slab<Element: BitwiseCopyable>: ~Copyable {
    private var base: UnsafeMutablePointer<Element>
    private var capacity: Int
    /// One above the highest index that was ever given out.
    private(set) var end: UInt32 = 1
    private var freeIndices: [UInt32] = []
    /// Of each group of neighbours: how many are in use, and how many were freed since its pages went back.
    private var groups: [(used: UInt32, freed: UInt32)] = [(0, 0)]

    private static var groupShift: UInt32 { 12 }
    /// One call of the system for as many frees at least.
    private static var freedMin: UInt32 { 1024 }

    init() {
        capacity = 64
        base = .allocate(capacity: capacity)
    }

    deinit {
        free(base)
    }

    var count: Int { Int(end) - 1 - freeIndices.count }

    @inline(__always)
    subscript(_ index: UInt32) -> UnsafeMutablePointer<Element> { base + Int(index) }

    /// An index whose memory holds whatever was there before.
    mutating func allocate() -> UInt32 {
        if let index = freeIndices.popLast() {
            groups[Int(index >> Self.groupShift)].used += 1
            return index
        }
        if Int(end) == capacity {
            capacity *= 2
            guard let grown = realloc(base, capacity * MemoryLayout<Element>.stride) else {
                fatalError("out of memory: a table of \(capacity) entries does not fit")
            }
            base = grown.assumingMemoryBound(to: Element.self)
        }
        let index = end
        let group = Int(index >> Self.groupShift)
        if group == groups.count { groups.append((0, 0)) }
        groups[group].used += 1
        end += 1
        return index
    }

    mutating func release(_ index: UInt32) {
        freeIndices.append(index)
        let group = Int(index >> Self.groupShift)
        groups[group].used -= 1
        groups[group].freed += 1
        if groups[group].used == 0, groups[group].freed >= Self.freedMin { giveBack(group) }
    }

    /// Gives the pages back that hold nothing but elements of a group.
    private mutating func giveBack(_ group: Int) {
        groups[group].freed = 0
        let pageBytes = 4096
        let size = MemoryLayout<Element>.stride << Int(Self.groupShift)
        let start = UInt(bitPattern: base) + UInt(group * size)
        let lastBytes = UInt(bitPattern: base) + UInt(capacity * MemoryLayout<Element>.stride)
        let first = (start + UInt(pageBytes) - 1) / UInt(pageBytes) * UInt(pageBytes)
        let end = min(start + UInt(size), lastBytes) / UInt(pageBytes) * UInt(pageBytes)
        guard first < end, let pages = UnsafeMutableRawPointer(bitPattern: first) else { return }
        // Where this fails they stay.
        _ = madvise(pages, Int(end - first), MADV_DONTNEED)
    }
}
