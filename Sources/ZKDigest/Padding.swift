/// What MD5 and SHA-1 put behind a message: a one, zeros, and the number of its bits, to a multiple of 64 bytes.
enum Padding {
    /// - Parameter lengthBytes: the number of bits as eight bytes, in the order of the digest.
    static func pad(_ message: [UInt8], lengthBytes: (UInt64) -> [UInt8]) -> [UInt8] {
        var padded = message
        padded.reserveCapacity(message.count + 72)
        padded.append(0x80)
        while padded.count % 64 != 56 { padded.append(0) }
        return padded + lengthBytes(UInt64(message.count) * 8)
    }
}
