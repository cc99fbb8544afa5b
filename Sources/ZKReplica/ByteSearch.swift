/// Looks for some bytes in others: it skips as far as the last byte that it sees allows, which is most often by all of
/// them. (Horspool.)
struct ByteSearch: Sendable {
    private let needle: [UInt8]
    /// For each byte, how far its last place in the needle, but for the end, is from the end.
    private let skips: [Int]

    init(_ needle: [UInt8]) {
        self.needle = needle
        var skips = [Int](repeating: max(1, needle.count), count: 256)
        for (index, byte) in needle.dropLast().enumerated() { skips[Int(byte)] = needle.count - 1 - index }
        self.skips = skips
    }

    func isFound(in bytes: UnsafeRawBufferPointer) -> Bool {
        let count = needle.count
        guard count > 0 else { return true }
        guard count <= bytes.count, let base = bytes.baseAddress else { return false }
        return needle.withUnsafeBufferPointer { needle in
            skips.withUnsafeBufferPointer { skips in
                let last = needle[count - 1]
                var end = count - 1
                while end < bytes.count {
                    let byte = base.load(fromByteOffset: end, as: UInt8.self)
                    if byte == last {
                        let start = end - count + 1
                        var index = 0
                        while index < count - 1,
                            base.load(fromByteOffset: start + index, as: UInt8.self) == needle[index]
                        {
                            index += 1
                        }
                        if index == count - 1 { return true }
                    }
                    end += skips[Int(byte)]
                }
                return false
            }
        }
    }
}
