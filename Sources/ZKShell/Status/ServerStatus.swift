import ZKCore

/// What one server of an ensemble said of itself.
struct ServerStatus: Equatable, Sendable {
    /// Whether the server answered, and in which way.
    enum Answer: Equatable, Sendable {
        case fourLetterWords
        case adminServer
        /// Why there is no answer, in a few words.
        case none(String)
    }

    enum Role: String, Equatable, Sendable {
        case leader
        case follower
        case observer
        case standalone
        case readOnly = "read-only"
        /// Up, but without a quorum as it sees it.
        case notServing = "not serving"
        /// It answered, but said nothing of its role.
        case unknown
    }

    struct Latency: Equatable, Sendable {
        var minMillis: Double
        var avgMillis: Double
        var maxMillis: Double
    }

    /// `host:port` of its client port.
    var endpoint: String
    var answer: Answer
    var role: Role = .unknown
    var version: String?
    var zxid: Zxid?
    var latency: Latency?
    var connections: Int?
    var outstanding: Int?
    var znodes: Int?
    var watches: Int?
    var ephemerals: Int?
    /// Of all paths and data, as the server estimates them.
    var dataBytes: Int?
    /// Packets since the server started.
    var received: Int?
    var sent: Int?
    /// `myid`; 0 standalone.
    var serverID: Int?
    /// The members by its own configuration; empty when it is standalone or did not say.
    var membership = Membership()
    /// From the first byte sent to the last byte received, of the slowest question.
    var responseMillis: Double?

    var isReachable: Bool {
        if case .none = answer { false } else { true }
    }

    /// Whether it serves clients as a full member or alone.
    var isServing: Bool {
        switch role {
        case .leader, .follower, .observer, .standalone: isReachable
        case .readOnly, .notServing, .unknown: false
        }
    }
}
