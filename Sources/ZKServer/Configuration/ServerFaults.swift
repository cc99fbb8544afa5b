/// Faults that a server makes on purpose, so that clients can be tried against them.
public struct ServerFaults: Sendable, Equatable {
    /// With this probability a request breaks its connection: half of the time before it is handled, half of the time
    /// so that it is done and its reply is lost.
    public var dropProbability = 0.0
    /// How late everything is sent, in milliseconds.
    public var delayMillis = 0
    /// The age at which a session expires, however often it is heard of, in milliseconds; nil for any age.
    public var sessionMillisMax: Int?
    /// The same seed and the same requests give the same faults; nil for others each time.
    public var seed: UInt64?

    public init() {}
}

/// Decides which requests break their connection. Each event loop has one of its own.
struct FaultDice {
    /// What becomes of a request.
    enum Fate {
        case handled
        case notHandled
        case replyLost
    }

    private let dropProbability: Double
    private var state: UInt64

    /// nil when no connection is to be broken.
    init?(_ faults: ServerFaults?, loopIndex: Int) {
        guard let faults, faults.dropProbability > 0 else { return nil }
        dropProbability = faults.dropProbability
        state = (faults.seed ?? .random(in: .min ... .max)) &+ UInt64(loopIndex) &* 0x9E37_79B9_7F4A_7C15
    }

    mutating func roll() -> Fate {
        let bits = next()
        guard Double(bits >> 11) / Double(1 << 53) < dropProbability else { return .handled }
        return bits & 1 == 0 ? .notHandled : .replyLost
    }

    /// SplitMix64.
    private mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var bits = state
        bits = (bits ^ bits >> 30) &* 0xBF58_476D_1CE4_E5B9
        bits = (bits ^ bits >> 27) &* 0x94D0_49BB_1331_11EB
        return bits ^ bits >> 31
    }
}
