/// Hashes path bytes, with a seed of its own for each process so that nobody can prepare colliding names.
///
/// Eight bytes a step, each folded in with a full-width multiplication.
struct PathHasher {
    private let seed: UInt64
    private let secret: UInt64

    init(seed: UInt64 = .random(in: .min ... .max)) {
        self.seed = seed
        // Odd, so that no bits are lost in the product.
        secret = (seed &* 0x9E37_79B9_7F4A_7C15) | 1
    }

    func hash(_ bytes: UnsafeRawBufferPointer) -> UInt32 {
        guard let base = bytes.baseAddress else { return fold(seed) }
        let count = bytes.count
        var state = seed ^ UInt64(truncatingIfNeeded: count)
        var offset = 0
        while offset + 8 <= count {
            state = mix(state ^ base.loadUnaligned(fromByteOffset: offset, as: UInt64.self))
            offset += 8
        }
        var tail: UInt64 = 0
        if count >= 8 {
            // The last eight bytes again: cheaper than the odd ones, and every byte still counts.
            tail = base.loadUnaligned(fromByteOffset: count - 8, as: UInt64.self)
        } else {
            for index in 0..<count { tail = tail << 8 | UInt64(base.load(fromByteOffset: index, as: UInt8.self)) }
        }
        return fold(mix(state ^ tail))
    }

    private func mix(_ value: UInt64) -> UInt64 {
        let product = (value ^ 0xA076_1D64_78BD_642F).multipliedFullWidth(by: secret)
        return product.high ^ product.low
    }

    private func fold(_ value: UInt64) -> UInt32 {
        UInt32(truncatingIfNeeded: value ^ value >> 32)
    }
}
