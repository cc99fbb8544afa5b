// A snappy file as snappy-java's `SnappyOutputStream` writes it:
//
//     file  = 0x82 "SNAPPY" 0x00 version:int32 compatible:int32 {length:int32 block}
//     block = size:varint element*                       size: of the unpacked bytes, least significant 7 bits first
//     element, by the two low bits of its first byte `tag`:
//         0  literal: tag>>2 is length-1; 60...63 mean that length-1 follows in 1...4 bytes, little-endian
//         1  copy: length 4 + (tag>>2 & 7), offset (tag>>5) << 8 | next byte
//         2  copy: length 1 + tag>>2, offset in 2 bytes, little-endian
//         3  copy: the same with 4 bytes
//
// A copy repeats bytes of this block, `offset` back; it may overlap what it writes.
// Source: `format_description.txt` of snappy.

/// Unpacks the snapshots that Apache ZooKeeper packs with snappy.
struct SnappySource: ByteSource {
    static let magic: [UInt8] = [0x82] + Array("SNAPPY".utf8) + [0]
    /// Blocks have 32 KiB unless someone configured snappy-java.
    private static let blockBytesMax = 64 << 20

    private let file: any OpenFile
    private var source: PlainSource
    private var block: [UInt8] = []
    private var position = 0

    init(_ file: any OpenFile) throws(StoreError) {
        self.file = file
        source = PlainSource(file)
        let header = try take(16)
        guard header.prefix(8).elementsEqual(Self.magic) else {
            throw .packed(file, "it does not start as snappy files do")
        }
    }

    mutating func read(into bytes: UnsafeMutableRawBufferPointer) throws(StoreError) -> Int {
        while position == block.count {
            guard let next = try nextBlock() else { return 0 }
            block = next
            position = 0
        }
        let count = min(bytes.count, block.count - position)
        bytes.copyBytes(from: block[position..<position + count])
        position += count
        return count
    }

    private mutating func nextBlock() throws(StoreError) -> [UInt8]? {
        let prefix = try takeUpTo(4)
        if prefix.isEmpty { return nil }
        guard prefix.count == 4 else { throw .packed(file, "the snappy stream ends too early") }
        let length = prefix.reduce(0) { $0 << 8 | Int($1) }
        guard length <= Self.blockBytesMax else { throw .packed(file, "a snappy block is too long") }
        guard let block = SnappyBlock.unpack(try take(length), bytesMax: Self.blockBytesMax) else {
            throw .packed(file, "a snappy block is damaged")
        }
        return block
    }

    private mutating func take(_ count: Int) throws(StoreError) -> [UInt8] {
        let bytes = try takeUpTo(count)
        guard bytes.count == count else { throw .packed(file, "the snappy stream ends too early") }
        return bytes
    }

    private mutating func takeUpTo(_ count: Int) throws(StoreError) -> [UInt8] {
        // Not more than the file can have is reserved.
        var bytes = [UInt8](repeating: 0, count: min(count, Int(clamping: try file.size())))
        var source = self.source
        let result = bytes.withUnsafeMutableBytes { raw in
            do throws(StoreError) {
                return Result<Int, StoreError>.success(try source.read(into: raw))
            } catch {
                return .failure(error)
            }
        }
        self.source = source
        bytes.removeLast(bytes.count - (try result.get()))
        return bytes
    }
}

/// One raw block of snappy.
enum SnappyBlock {
    /// Nil when the block is damaged, or unpacks to more than `bytesMax`.
    static func unpack(_ packed: [UInt8], bytesMax: Int) -> [UInt8]? {
        var input = Input(bytes: packed)
        guard let size = input.varint(), size <= bytesMax,
            // The densest element is a copy of 64 bytes in 3.
            size <= packed.count * 22
        else { return nil }
        var output: [UInt8] = []
        output.reserveCapacity(size)
        while let tag = input.byte() {
            if tag & 3 == 0 {
                guard let length = input.literalLength(tag), length <= size - output.count,
                    let literal = input.take(length)
                else { return nil }
                output += literal
            } else {
                guard let (length, offset) = input.copy(tag), length <= size - output.count, offset > 0,
                    offset <= output.count
                else { return nil }
                append(length, from: offset, to: &output)
            }
        }
        return output.count == size ? output : nil
    }

    private static func append(_ length: Int, from offset: Int, to output: inout [UInt8]) {
        let start = output.count - offset
        if offset >= length {
            output += output[start..<start + length]
        } else {
            for index in 0..<length {
                output.append(output[start + index])
            }
        }
    }

    private struct Input {
        let bytes: [UInt8]
        var position = 0

        mutating func byte() -> UInt8? {
            guard position < bytes.count else { return nil }
            defer { position += 1 }
            return bytes[position]
        }

        mutating func take(_ count: Int) -> ArraySlice<UInt8>? {
            guard count <= bytes.count - position else { return nil }
            defer { position += count }
            return bytes[position..<position + count]
        }

        mutating func littleEndian(_ count: Int) -> Int? {
            take(count)?.reversed().reduce(0) { $0 << 8 | Int($1) }
        }

        mutating func varint() -> Int? {
            var value = 0
            for shift in stride(from: 0, to: 35, by: 7) {
                guard let next = byte() else { return nil }
                value |= Int(next & 0x7f) << shift
                if next < 0x80 { return value }
            }
            return nil
        }

        mutating func literalLength(_ tag: UInt8) -> Int? {
            let short = Int(tag >> 2)
            if short < 60 { return short + 1 }
            return littleEndian(short - 59).map { $0 + 1 }
        }

        mutating func copy(_ tag: UInt8) -> (length: Int, offset: Int)? {
            if tag & 3 == 1 {
                return byte().map { (4 + Int(tag >> 2 & 7), Int(tag >> 5) << 8 | Int($0)) }
            }
            return littleEndian(tag & 3 == 2 ? 2 : 4).map { (1 + Int(tag >> 2), $0) }
        }
    }
}
