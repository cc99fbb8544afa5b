#if canImport(Glibc)
    import Glibc
#else
    import Darwin
#endif

/// Values of one trivial type, named by a 32-bit index that stays theirs until it is freed. Index 0 names nothing.
///
/// One allocation that grows by `realloc`, so that a pointer from ``subscript(_:)`` is good only until the next
/// ``allocate()``. Free indices are kept in a stack of their own.
struct Slab<Element: BitwiseCopyable>: ~Copyable {
    private var base: UnsafeMutablePointer<Element>
    private var capacity: Int
    /// One above the highest index that was ever given out.
    private(set) var end: UInt32 = 1
    private var freeIndices: [UInt32] = []

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
        if let index = freeIndices.popLast() { return index }
        if Int(end) == capacity {
            capacity *= 2
            guard let grown = realloc(base, capacity * MemoryLayout<Element>.stride) else {
                fatalError("out of memory: a table of \(capacity) entries does not fit")
            }
            base = grown.assumingMemoryBound(to: Element.self)
        }
        end += 1
        return end - 1
    }

    mutating func release(_ index: UInt32) {
        freeIndices.append(index)
    }
}
