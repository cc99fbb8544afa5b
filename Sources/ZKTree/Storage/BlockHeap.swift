/// Memory for blobs, without a header for each block: chunks that hold blocks of one size each.
///
/// A chunk whose blocks are all free serves any other size or goes back to the system; blocks above ``smallBytesMax``
/// come from `malloc`. Used by one thread at a time.
struct BlockHeap: ~Copyable {
    static let smallBytesMax = 512
    private static let stride = 8

    /// By the multiple of ``stride``: the chunks that have a free block.
    private let open: UnsafeMutablePointer<BlockChunkList>
    /// Those that have none.
    private var full = BlockChunkList()
    /// An empty one, so that a block that comes and goes does not cost a call of the system.
    private var spare: UnsafeMutablePointer<BlockChunk>?
    /// What empty data shares: empty is not null, but needs no memory of its own.
    let empty: Blob
    private(set) var chunkCount = 0

    init() {
        let lists = Self.smallBytesMax / Self.stride + 1
        open = .allocate(capacity: lists)
        open.initialize(repeating: BlockChunkList(), count: lists)
        let emptyBase = UnsafeMutableRawPointer.allocate(byteCount: 8, alignment: 8)
        emptyBase.storeBytes(of: 0, as: UInt64.self)
        empty = Blob(base: emptyBase)
    }

    deinit {
        for list in 0...Self.smallBytesMax / Self.stride {
            while let chunk = open[list].removeFirst() { BlockChunk.unmap(chunk) }
        }
        var full = full
        while let chunk = full.removeFirst() { BlockChunk.unmap(chunk) }
        if let spare { BlockChunk.unmap(spare) }
        open.deallocate()
        empty.base.deallocate()
    }

    mutating func makeBlob(_ bytes: UnsafeRawBufferPointer) -> Blob {
        guard let source = bytes.baseAddress, bytes.count > 0 else { return empty }
        let base = allocate(bytes.count + 4)
        base.storeBytes(of: UInt32(bytes.count), as: UInt32.self)
        (base + 4).copyMemory(from: source, byteCount: bytes.count)
        return Blob(base: base)
    }

    mutating func makeBlob(_ bytes: UnsafeRawBufferPointer?) -> Blob? {
        guard let bytes else { return nil }
        return makeBlob(bytes)
    }

    mutating func free(_ blob: Blob?) {
        guard let blob, blob.base != empty.base else { return }
        let bytes = blob.count + 4
        guard bytes <= Self.smallBytesMax else { return blob.base.deallocate() }
        let chunk = BlockChunk.holding(blob.base)
        let list = Int(chunk.pointee.blockBytes) / Self.stride
        if chunk.pointee.isFull {
            full.remove(chunk)
            open[list].insert(chunk)
        }
        chunk.pointee.give(blob.base)
        guard chunk.pointee.usedBlocks == 0 else { return }
        open[list].remove(chunk)
        guard spare != nil else {
            spare = chunk
            return
        }
        BlockChunk.unmap(chunk)
        chunkCount -= 1
    }

    private mutating func allocate(_ bytes: Int) -> UnsafeMutableRawPointer {
        guard bytes <= Self.smallBytesMax else { return .allocate(byteCount: bytes, alignment: 8) }
        let list = (bytes + Self.stride - 1) / Self.stride
        let chunk = open[list].first ?? openChunk(list)
        let block = chunk.pointee.take(chunk)
        if chunk.pointee.isFull {
            open[list].remove(chunk)
            full.insert(chunk)
        }
        return block
    }

    private mutating func openChunk(_ list: Int) -> UnsafeMutablePointer<BlockChunk> {
        let chunk: UnsafeMutablePointer<BlockChunk>
        if let spare {
            chunk = spare
            self.spare = nil
        } else {
            chunk = BlockChunk.map()
            chunkCount += 1
        }
        chunk.initialize(to: BlockChunk(blockBytes: list * Self.stride))
        open[list].insert(chunk)
        return chunk
    }
}
