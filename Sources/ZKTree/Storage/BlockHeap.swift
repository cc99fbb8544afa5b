/// Memory for blobs, without a header for each block: free lists by size over large chunks.
///
/// Small blocks go back to the list of their size and are never given to the system; blocks above ``smallBytesMax``
/// come from `malloc`. Used by one thread at a time.
struct BlockHeap: ~Copyable {
    static let smallBytesMax = 512
    private static let stride = 8
    private static let chunkBytes = 1 << 20

    /// A list for each multiple of ``stride``; a free block begins with the address of the next.
    private let freeLists: UnsafeMutablePointer<UnsafeMutableRawPointer?>
    private var chunks: [UnsafeMutableRawPointer] = []
    private var next: UnsafeMutableRawPointer?
    private var remaining = 0
    /// What empty data shares: empty is not null, but needs no memory of its own.
    let empty: Blob

    init() {
        let lists = Self.smallBytesMax / Self.stride + 1
        freeLists = .allocate(capacity: lists)
        freeLists.initialize(repeating: nil, count: lists)
        let emptyBase = UnsafeMutableRawPointer.allocate(byteCount: 8, alignment: 8)
        emptyBase.storeBytes(of: 0, as: UInt64.self)
        empty = Blob(base: emptyBase)
    }

    deinit {
        for chunk in chunks { chunk.deallocate() }
        freeLists.deallocate()
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
        let list = (bytes + Self.stride - 1) / Self.stride
        blob.base.storeBytes(of: freeLists[list], as: UnsafeMutableRawPointer?.self)
        freeLists[list] = blob.base
    }

    private mutating func allocate(_ bytes: Int) -> UnsafeMutableRawPointer {
        guard bytes <= Self.smallBytesMax else { return .allocate(byteCount: bytes, alignment: 8) }
        let list = (bytes + Self.stride - 1) / Self.stride
        if let block = freeLists[list] {
            freeLists[list] = block.load(as: UnsafeMutableRawPointer?.self)
            return block
        }
        let rounded = list * Self.stride
        if let next, remaining >= rounded {
            self.next = next + rounded
            remaining -= rounded
            return next
        }
        let chunk = UnsafeMutableRawPointer.allocate(byteCount: Self.chunkBytes, alignment: 16)
        chunks.append(chunk)
        next = chunk + rounded
        remaining = Self.chunkBytes - rounded
        return chunk
    }
}
