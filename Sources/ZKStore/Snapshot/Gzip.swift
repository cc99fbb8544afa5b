import CZlib

/// 32 KiB of history and a gzip header, as zlib wants it said.
private let gzipWindowBits: Int32 = 15 + 16

/// Unpacks a gzip file, several members in a row included. What follows the last member is ignored, as Java does.
final class GzipSource: ByteSource {
    private let file: any OpenFile
    private var source: PlainSource
    private var stream = z_stream()
    private let input = UnsafeMutableRawBufferPointer.allocate(byteCount: 64 << 10, alignment: 16)
    private var isAtEnd = false

    init(_ file: any OpenFile) throws(StoreError) {
        self.file = file
        source = PlainSource(file)
        guard inflateInit2_(&stream, gzipWindowBits, ZLIB_VERSION, Int32(MemoryLayout<z_stream>.size)) == Z_OK else {
            throw .packed(file, "zlib has no memory to unpack it")
        }
    }

    deinit {
        inflateEnd(&stream)
        input.deallocate()
    }

    func read(into bytes: UnsafeMutableRawBufferPointer) throws(StoreError) -> Int {
        guard !isAtEnd, bytes.count > 0 else { return 0 }
        let room = min(bytes.count, 1 << 30)
        stream.next_out = bytes.baseAddress!.assumingMemoryBound(to: Bytef.self)
        stream.avail_out = uInt(room)
        while Int(stream.avail_out) == room {
            if stream.avail_in == 0, try !fill() {
                throw .packed(file, "the gzip stream ends too early")
            }
            switch inflate(&stream, Z_NO_FLUSH) {
            case Z_OK, Z_BUF_ERROR: break
            case Z_STREAM_END:
                if try !startsAnotherMember() {
                    isAtEnd = true
                    return room - Int(stream.avail_out)
                }
            default:
                throw .packed(file, "the gzip stream is damaged")
            }
        }
        return room - Int(stream.avail_out)
    }

    private func fill() throws(StoreError) -> Bool {
        let count = try source.read(into: input)
        stream.next_in = input.baseAddress!.assumingMemoryBound(to: Bytef.self)
        stream.avail_in = uInt(count)
        return count > 0
    }

    private func startsAnotherMember() throws(StoreError) -> Bool {
        if stream.avail_in == 0, try !fill() { return false }
        guard stream.next_in[0] == 0x1f else { return false }
        return inflateReset(&stream) == Z_OK
    }
}

/// Packs bytes into one gzip member.
public final class GzipPacker {
    private var stream = z_stream()
    private let output = UnsafeMutableRawBufferPointer.allocate(byteCount: 64 << 10, alignment: 16)

    public init() {
        // Level 1: a snapshot is mostly small numbers and repeated paths, which every level packs.
        let status = deflateInit2_(
            &stream, 1, Z_DEFLATED, gzipWindowBits, 8, Z_DEFAULT_STRATEGY, ZLIB_VERSION,
            Int32(MemoryLayout<z_stream>.size))
        precondition(status == Z_OK, "zlib refuses its own constants")
    }

    deinit {
        deflateEnd(&stream)
        output.deallocate()
    }

    /// Packs `bytes` and hands on what came out. The last call has `isLast` and may be empty.
    public func pack<Failure: Error>(
        _ bytes: UnsafeRawBufferPointer, isLast: Bool,
        _ write: (UnsafeRawBufferPointer) throws(Failure) -> Void
    ) throws(Failure) {
        precondition(bytes.count < 1 << 31, "packed in one piece")
        // zlib does not write through next_in.
        stream.next_in = UnsafeMutablePointer(
            mutating: bytes.baseAddress?.assumingMemoryBound(to: Bytef.self))
        stream.avail_in = uInt(bytes.count)
        while true {
            stream.next_out = output.baseAddress!.assumingMemoryBound(to: Bytef.self)
            stream.avail_out = uInt(output.count)
            let status = deflate(&stream, isLast ? Z_FINISH : Z_NO_FLUSH)
            let count = output.count - Int(stream.avail_out)
            if count > 0 { try write(UnsafeRawBufferPointer(rebasing: output[..<count])) }
            if isLast ? status == Z_STREAM_END : stream.avail_out > 0 { return }
        }
    }
}
