/// Unpacks LZ4 frames. The checksums are not looked at: what a server stores is protected elsewhere.
///
/// ```
/// frame  = magic FLG BD [content size: 8] [dictionary: 4] checksum: 1 block* end: 4 [checksum: 4]
/// block  = length: 4, highest bit for a block that is not packed; bytes; [checksum: 4]
/// packed = (token [more literals] literals [offset: 2] [more match])*
/// ```
struct LZ4Frame {
    private static let magic: [UInt8] = [0x04, 0x22, 0x4D, 0x18]
    private static let bytesMax = 256 << 20

    private let input: [UInt8]
    private var index = 0
    private var result: [UInt8] = []

    static func isPacked(_ bytes: [UInt8]) -> Bool { bytes.starts(with: magic) }

    /// Nil for data that is damaged, or too long when it is unpacked.
    static func unpack(_ bytes: [UInt8]) -> [UInt8]? {
        var frame = Self(input: bytes)
        // Frames that follow one another belong together.
        repeat {
            guard frame.unpackBlocks() else { return nil }
        } while frame.input[frame.index...].starts(with: magic)
        // Anything else would get lost in silence.
        return frame.index == frame.input.count ? frame.result : nil
    }

    private init(input: [UInt8]) {
        self.input = input
    }

    private mutating func unpackBlocks() -> Bool {
        index += Self.magic.count
        guard index + 2 <= input.count else { return false }
        let flags = input[index]
        index += 3 + (flags & 0x08 != 0 ? 8 : 0) + (flags & 0x01 != 0 ? 4 : 0)
        while true {
            guard let header = number(bytes: 4) else { return false }
            if header == 0 {
                index += flags & 0x04 != 0 ? 4 : 0
                return index <= input.count
            }
            let length = header & 0x7FFF_FFFF
            guard length <= input.count - index, result.count < Self.bytesMax else { return false }
            let end = index + length
            if header & 0x8000_0000 != 0 {
                result += input[index..<end]
            } else {
                guard unpackBlock(to: end) else { return false }
            }
            index = end + (flags & 0x10 != 0 ? 4 : 0)
        }
    }

    private mutating func unpackBlock(to end: Int) -> Bool {
        while index < end {
            let token = Int(input[index])
            index += 1
            guard let literals = length(token >> 4, end: end), literals <= end - index else { return false }
            result += input[index..<index + literals]
            index += literals
            // The last sequence has no match.
            if index == end { return true }
            guard end - index >= 2, let offset = number(bytes: 2), offset > 0, offset <= result.count,
                let match = length(token & 0x0F, end: end), result.count + match < Self.bytesMax
            else { return false }
            // Byte by byte: a match may overlap what it makes.
            for _ in 0..<match + 4 { result.append(result[result.count - offset]) }
        }
        return true
    }

    /// 15 means that more bytes follow, up to one that is not 255.
    private mutating func length(_ nibble: Int, end: Int) -> Int? {
        var length = nibble
        guard nibble == 15 else { return length }
        while index < end {
            let byte = input[index]
            index += 1
            length += Int(byte)
            if byte != 255 { return length }
        }
        return nil
    }

    private mutating func number(bytes count: Int) -> Int? {
        guard index >= 0, index + count <= input.count else { return nil }
        defer { index += count }
        return (0..<count).reduce(0) { $0 | Int(input[index + $1]) << (8 * $1) }
    }
}
