/// The number of a transaction: 32 bits of epoch over 32 bits of counter. Prints as `0x1a3`.
public struct Zxid: RawRepresentable, Hashable, Comparable, Sendable {
    public var rawValue: Int64

    public init(rawValue: Int64) {
        self.rawValue = rawValue
    }

    public init(epoch: UInt32, counter: UInt32) {
        self.init(rawValue: Int64(bitPattern: UInt64(epoch) << 32 | UInt64(counter)))
    }

    public static let zero = Self(rawValue: 0)

    public var epoch: UInt32 { UInt32(truncatingIfNeeded: rawValue >> 32) }
    public var counter: UInt32 { UInt32(truncatingIfNeeded: rawValue) }

    /// The zxid after this one; the counter runs over into the epoch, as in a standalone Apache server.
    public var next: Self { Self(rawValue: rawValue &+ 1) }

    /// Lower-case digits without `0x`, as in the names of log and snapshot files.
    public var hex: String { String(UInt64(bitPattern: rawValue), radix: 16) }

    public static func < (a: Self, b: Self) -> Bool { a.rawValue < b.rawValue }
}

extension Zxid: CustomStringConvertible {
    public var description: String { "0x" + hex }
}
