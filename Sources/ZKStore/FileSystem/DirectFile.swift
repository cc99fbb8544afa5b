#if canImport(Glibc)
    import Glibc
#endif

/// A file that is written from the front to the back, past the page cache (`O_DIRECT`).
///
/// A log is never read while it is written, so the cache has no use for it, and what it costs is most of what a write
/// costs: 60 KB and a sync take 150 us of processor through it and 60 us past it. The device wants whole blocks: the
/// last one, which is begun, is kept here and written again with what is appended, and the rest of it is zeros. Where a
/// file system does without such writes, or refuses one, the file goes on through the cache.
///
/// Used by one thread at a time, as the log is.
final class DirectFile: OpenFile, @unchecked Sendable {
    /// A multiple of what any disk takes for a block.
    static let blockBytes = 4096
    private static let stagingBytes = 128 << 10

    private let file: PosixFile
    private var isDirect = true
    /// Begins with the block that is begun, for as far as ``end`` is into it.
    private let staging: UnsafeMutableRawBufferPointer
    /// Where the next write is expected.
    private var end: Int64 = 0

    /// nil where the file system has no such writes.
    init?(_ file: PosixFile) {
        guard file.setDirect(true) else { return nil }
        self.file = file
        staging = .allocate(byteCount: Self.stagingBytes, alignment: Self.blockBytes)
    }

    deinit {
        staging.deallocate()
    }

    var path: String { file.path }

    func size() throws(StoreError) -> Int64 { try file.size() }

    func read(into bytes: UnsafeMutableRawBufferPointer, at offset: Int64) throws(StoreError) -> Int {
        leaveDirect()
        return try file.read(into: bytes, at: offset)
    }

    func write(_ bytes: UnsafeRawBufferPointer, at offset: Int64) throws(StoreError) {
        guard isDirect else { return try file.write(bytes, at: offset) }
        if offset == end {
            try append(bytes)
        } else if offset > end, offset % Int64(Self.blockBytes) == 0, Self.isWholeBlocks(bytes) {
            try writeBlocks(bytes, at: offset)
        } else {
            leaveDirect()
            try file.write(bytes, at: offset)
        }
    }

    private static func isWholeBlocks(_ bytes: UnsafeRawBufferPointer) -> Bool {
        bytes.count % blockBytes == 0 && UInt(bitPattern: bytes.baseAddress) % UInt(blockBytes) == 0
    }

    private func append(_ bytes: UnsafeRawBufferPointer) throws(StoreError) {
        var done = 0
        while done < bytes.count {
            let begun = Int(end % Int64(Self.blockBytes))
            let count = min(bytes.count - done, staging.count - begun)
            UnsafeMutableRawBufferPointer(rebasing: staging[begun...])
                .copyMemory(from: UnsafeRawBufferPointer(rebasing: bytes[done..<done + count]))
            let used = begun + count
            let padded = (used + Self.blockBytes - 1) / Self.blockBytes * Self.blockBytes
            for index in used..<padded { staging[index] = 0 }
            try writeBlocks(UnsafeRawBufferPointer(rebasing: staging[..<padded]), at: end - Int64(begun))
            done += count
            end += Int64(count)
            let last = used / Self.blockBytes * Self.blockBytes
            if last > 0, last < used {
                staging.copyMemory(from: UnsafeRawBufferPointer(rebasing: staging[last..<used]))
            }
        }
    }

    private func writeBlocks(_ blocks: UnsafeRawBufferPointer, at offset: Int64) throws(StoreError) {
        do throws(StoreError) {
            try file.write(blocks, at: offset)
        } catch {
            // Blocks that are larger than these, or a write that the limit for the size of files cuts to a part of one.
            guard isDirect, error.kind == .system(errno: EINVAL) else { throw error }
            leaveDirect()
            try file.write(blocks, at: offset)
        }
    }

    private func leaveDirect() {
        guard isDirect else { return }
        isDirect = false
        _ = file.setDirect(false)
    }

    func allocate(upTo size: Int64) { file.allocate(upTo: size) }

    func truncate(to size: Int64) throws(StoreError) {
        leaveDirect()
        try file.truncate(to: size)
    }

    func syncData() throws(StoreError) { try file.syncData() }

    func sync() throws(StoreError) { try file.sync() }

    func close() throws(StoreError) { try file.close() }
}
