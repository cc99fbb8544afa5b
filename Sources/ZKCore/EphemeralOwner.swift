/// What the field `ephemeralOwner` of a stored znode says. Source: `EphemeralType`.
public enum EphemeralOwner: Hashable, Sendable {
    case persistent
    case session(Int64)
    case container
    case ttl(millis: Int64)

    /// The largest TTL that fits: 40 bits of milliseconds.
    public static let ttlMillisMax: Int64 = 0xff_ffff_ffff

    private static let containerMark = Int64.min
    private static let ttlMark = UInt64(0xff) << 56
    private static let ttlReservedMask = UInt64(0xffff) << 40

    /// Reads the field. Without `extendedTypesEnabled` a value in the TTL range is a session ID.
    public init(rawValue: Int64, extendedTypesEnabled: Bool = true) {
        let bits = UInt64(bitPattern: rawValue)
        if rawValue == 0 {
            self = .persistent
        } else if rawValue == Self.containerMark {
            self = .container
        } else if extendedTypesEnabled, bits & Self.ttlMark == Self.ttlMark, bits & Self.ttlReservedMask == 0 {
            self = .ttl(millis: Int64(bits & 0xff_ffff_ffff))
        } else {
            self = .session(rawValue)
        }
    }

    public var rawValue: Int64 {
        switch self {
        case .persistent: 0
        case .session(let id): id
        case .container: Self.containerMark
        case .ttl(let millis): Int64(bitPattern: Self.ttlMark | UInt64(bitPattern: millis & Self.ttlMillisMax))
        }
    }

    public var sessionID: Int64? {
        if case .session(let id) = self { id } else { nil }
    }
}
