/// What disks write whole or not at all.
enum Sector {
    static let bytes: Int64 = 512
}

/// Bytes of a file, read in pieces of 256 KiB: small enough for the cache of the processor, large enough to make the
/// calls cheap.
struct FileWindow: ~Copyable {
    private static let pieceBytes = 256 << 10

    let file: any OpenFile
    let size: Int64
    private var buffer: UnsafeMutableRawBufferPointer
    /// The part of the file that is in `buffer`.
    private var start: Int64 = 0
    private var count = 0

    init(_ file: any OpenFile) throws(StoreError) {
        self.file = file
        size = try file.size()
        buffer = .allocate(byteCount: Self.pieceBytes, alignment: 16)
    }

    deinit {
        buffer.deallocate()
    }

    /// Lends `length` bytes at `offset`, or as many as the file has.
    mutating func prefix<Result>(
        upTo length: Int, at offset: Int64, _ body: (UnsafeRawBufferPointer) -> Result
    ) throws(StoreError) -> Result {
        let available = Int(clamping: min(Int64(length), max(size - offset, 0)))
        if offset < start || offset + Int64(available) > start + Int64(count) {
            try fill(available, at: offset)
        }
        let from = Int(offset - start)
        let lent = min(available, max(count - from, 0))
        return body(UnsafeRawBufferPointer(rebasing: buffer[from..<from + lent]))
    }

    private mutating func fill(_ length: Int, at offset: Int64) throws(StoreError) {
        if length > buffer.count {
            buffer.deallocate()
            buffer = .allocate(byteCount: length, alignment: 16)
        }
        count = 0
        start = offset
        count = try file.read(into: buffer, at: offset)
    }

    /// Lends the bytes from `from` to `to`, or to the end of the file, piece by piece with the offset of each.
    mutating func forEachChunk(
        from: Int64, to: Int64, _ body: (UnsafeRawBufferPointer, Int64) throws(StoreError) -> Void
    ) throws(StoreError) {
        var offset = from
        let end = min(to, size)
        while offset < end {
            let wanted = Int(min(Int64(Self.pieceBytes), end - offset))
            try fill(wanted, at: offset)
            // The file became shorter under us.
            guard count > 0 else { return }
            let lent = min(wanted, count)
            try body(UnsafeRawBufferPointer(rebasing: buffer[..<lent]), offset)
            offset += Int64(lent)
        }
    }

    /// One behind the last byte from `from` on that is not zero; `from` when all are.
    mutating func endOfContent(from: Int64) throws(StoreError) -> Int64 {
        var end = from
        try forEachChunk(from: from, to: size) { bytes, offset in
            if let last = lastNonzero(in: bytes) { end = offset + Int64(last) + 1 }
        }
        return end
    }

    /// Whether all bytes from `from` to `to` are zero.
    mutating func isZero(from: Int64, to: Int64) throws(StoreError) -> Bool {
        var isZero = true
        try forEachChunk(from: from, to: to) { bytes, _ in
            if lastNonzero(in: bytes) != nil { isZero = false }
        }
        return isZero
    }

    /// Whether one of the sectors that the bytes from `from` to `to` touch has nothing but zeros from `from` on.
    mutating func hasZeroSector(from: Int64, to: Int64) throws(StoreError) -> Bool {
        var offset = from
        while offset < to {
            let end = (offset / Sector.bytes + 1) * Sector.bytes
            if try isZero(from: offset, to: end) { return true }
            offset = end
        }
        return false
    }
}

private func lastNonzero(in bytes: UnsafeRawBufferPointer) -> Int? {
    var end = bytes.count
    while end >= 8, bytes.loadUnaligned(fromByteOffset: end - 8, as: UInt64.self) == 0 {
        end -= 8
    }
    while end > 0, bytes[end - 1] == 0 {
        end -= 1
    }
    return end > 0 ? end - 1 : nil
}
