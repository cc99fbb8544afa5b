/// The password of a session: 16 bytes that follow from its ID.
///
/// They are what `java.util.Random` yields, so that a session can go on at another server, or at this one after a
/// restart. Anybody can compute them: they are no secret. Source: `ZooKeeperServer.generatePasswd`.
package enum SessionPassword {
    private static let secret: Int64 = 0xB341_5C00
    private static let multiplier: UInt64 = 0x5_DEEC_E66D
    private static let mask: UInt64 = 1 << 48 - 1

    package static func make(for sessionID: Int64) -> [UInt8] {
        var seed = (UInt64(bitPattern: sessionID ^ secret) ^ multiplier) & mask
        var bytes: [UInt8] = []
        bytes.reserveCapacity(16)
        for _ in 0..<4 {
            seed = (seed &* multiplier &+ 0xB) & mask
            let word = UInt32(truncatingIfNeeded: seed >> 16)
            for shift: UInt32 in [0, 8, 16, 24] { bytes.append(UInt8(truncatingIfNeeded: word >> shift)) }
        }
        return bytes
    }

    package static func isCorrect(_ password: [UInt8]?, for sessionID: Int64) -> Bool {
        guard sessionID != 0, let password else { return false }
        return bytesAreEqualInConstantTime(password, make(for: sessionID))
    }
}
