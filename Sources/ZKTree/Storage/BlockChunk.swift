#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// The head of a chunk of blocks of one size. A chunk lies at a multiple of its size, so that a block tells its chunk.
struct BlockChunk: BitwiseCopyable {
    static let bytes = 256 << 10

    var next: UnsafeMutablePointer<BlockChunk>?
    var previous: UnsafeMutablePointer<BlockChunk>?
    /// Blocks that were given back; each begins with the address of the next.
    private var free: UnsafeMutableRawPointer?
    /// Where the blocks begin that were never given out.
    private var unused: UInt32
    let blockBytes: UInt32
    private(set) var usedBlocks: UInt32 = 0

    init(blockBytes: Int) {
        self.blockBytes = UInt32(blockBytes)
        unused = UInt32(MemoryLayout<BlockChunk>.stride)
    }

    var isFull: Bool { free == nil && Int(unused + blockBytes) > Self.bytes }

    /// - Parameter base: the chunk itself, which is not full.
    mutating func take(_ base: UnsafeMutablePointer<BlockChunk>) -> UnsafeMutableRawPointer {
        usedBlocks += 1
        if let block = free {
            free = block.load(as: UnsafeMutableRawPointer?.self)
            return block
        }
        defer { unused += blockBytes }
        return UnsafeMutableRawPointer(base) + Int(unused)
    }

    mutating func give(_ block: UnsafeMutableRawPointer) {
        block.storeBytes(of: free, as: UnsafeMutableRawPointer?.self)
        free = block
        usedBlocks -= 1
    }

    static func holding(_ block: UnsafeMutableRawPointer) -> UnsafeMutablePointer<BlockChunk> {
        let address = UInt(bitPattern: block) & ~UInt(bytes - 1)
        return UnsafeMutablePointer(bitPattern: address).unsafelyUnwrapped
    }

    /// Memory for a chunk, not initialized.
    static func map() -> UnsafeMutablePointer<BlockChunk> {
        // Most often the system puts it right below the one before, where it fits.
        var base = mapped(bytes)
        if UInt(bitPattern: base) % UInt(bytes) != 0 {
            munmap(base, bytes)
            base = mapped(2 * bytes)
            let lead = (bytes - Int(UInt(bitPattern: base) % UInt(bytes))) % bytes
            if lead > 0 { munmap(base, lead) }
            munmap(base + lead + bytes, bytes - lead)
            base += lead
        }
        return base.assumingMemoryBound(to: BlockChunk.self)
    }

    static func unmap(_ chunk: UnsafeMutablePointer<BlockChunk>) {
        munmap(chunk, bytes)
    }

    private static func mapped(_ count: Int) -> UnsafeMutableRawPointer {
        guard let base = mmap(nil, count, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0),
            base != MAP_FAILED
        else { fatalError("out of memory: \(count) bytes do not fit") }
        return base
    }
}

/// Chunks in no order.
struct BlockChunkList: BitwiseCopyable {
    private(set) var first: UnsafeMutablePointer<BlockChunk>?

    mutating func insert(_ chunk: UnsafeMutablePointer<BlockChunk>) {
        chunk.pointee.previous = nil
        chunk.pointee.next = first
        first?.pointee.previous = chunk
        first = chunk
    }

    mutating func remove(_ chunk: UnsafeMutablePointer<BlockChunk>) {
        let next = chunk.pointee.next
        let previous = chunk.pointee.previous
        next?.pointee.previous = previous
        if let previous { previous.pointee.next = next } else { first = next }
    }

    mutating func removeFirst() -> UnsafeMutablePointer<BlockChunk>? {
        guard let chunk = first else { return nil }
        remove(chunk)
        return chunk
    }
}
