import Testing
import ZKCore
import ZKWire

@testable import ZKClient

/// Every event in every state: what the machine does, and where it is afterwards.
@Suite(.timeLimit(.minutes(1)))
struct SessionMachineTableTests {
    enum StateName: String, CaseIterable, Sendable {
        case idle, pausing, connecting, handshaking, handshakingToClose, authenticating, authenticatingToClose
        case live, liveReadOnly, closing, expired, authFailed, closed
    }

    enum EventName: String, CaseIterable, Sendable {
        case start, connected, connectionLost, handshake, handshakeExpired, handshakeReadOnly, authenticated,
            authRejected
        case earlyTick, lateTick, close, closeAtOnce, closeAnswered, readWriteServerFound
    }

    static let nothing = ""

    /// `effects > state`; ``nothing`` when the event changes nothing. `lateTick` comes an hour later.
    static let table: [StateName: [EventName: String]] = [
        .idle: [
            .start: "connect > connecting", .connected: nothing, .connectionLost: nothing, .handshake: nothing,
            .handshakeExpired: nothing, .handshakeReadOnly: nothing, .authenticated: nothing, .authRejected: nothing,
            .earlyTick: nothing,
            .lateTick: nothing, .close: "drop, end closed > closed", .closeAtOnce: "drop, end closed > closed",
            .closeAnswered: nothing,
            .readWriteServerFound: nothing,
        ],
        .pausing: [
            .start: nothing, .connected: nothing, .connectionLost: nothing, .handshake: nothing,
            .handshakeExpired: nothing, .handshakeReadOnly: nothing, .authenticated: nothing, .authRejected: nothing,
            .earlyTick: nothing,
            .lateTick: "connect > connecting", .close: "drop, end closed > closed",
            .closeAtOnce: "drop, end closed > closed", .closeAnswered: nothing,
            .readWriteServerFound: nothing,
        ],
        .connecting: [
            .start: nothing, .connected: "sendConnectRequest > handshaking",
            .connectionLost: "drop, connect > connecting",
            .handshake: nothing, .handshakeExpired: nothing, .handshakeReadOnly: nothing, .authenticated: nothing,
            .authRejected: nothing,
            .earlyTick: nothing, .lateTick: "drop, connect > connecting", .close: "drop, end closed > closed",
            .closeAtOnce: "drop, end closed > closed", .closeAnswered: nothing, .readWriteServerFound: nothing,
        ],
        .handshaking: [
            .start: nothing, .connected: nothing, .connectionLost: "drop, connect > connecting",
            .handshake: "established > live", .handshakeExpired: "drop, end expired > expired",
            .handshakeReadOnly: "established > liveReadOnly", .authenticated: nothing, .authRejected: nothing,
            .earlyTick: nothing,
            .lateTick: "drop, connect > connecting", .close: " > handshakingToClose",
            .closeAtOnce: "drop, end closed > closed", .closeAnswered: nothing,
            .readWriteServerFound: nothing,
        ],
        .handshakingToClose: [
            .start: nothing, .connected: nothing, .connectionLost: "drop, end closed > closed",
            .handshake: "established, sendCloseSession > closing", .handshakeExpired: "drop, end expired > expired",
            .handshakeReadOnly: "established, sendCloseSession > closing", .authenticated: nothing,
            .authRejected: nothing, .earlyTick: nothing,
            .lateTick: "drop, end closed > closed", .close: nothing, .closeAtOnce: "drop, end closed > closed",
            .closeAnswered: nothing,
            .readWriteServerFound: nothing,
        ],
        .authenticating: [
            .start: nothing, .connected: nothing, .connectionLost: "drop, connect > connecting", .handshake: nothing,
            .handshakeExpired: nothing, .handshakeReadOnly: nothing, .authenticated: "established > live",
            .authRejected: "drop, end authFailed > authFailed", .earlyTick: nothing,
            .lateTick: "drop, end givenUp > expired", .close: " > authenticatingToClose",
            .closeAtOnce: "drop, end closed > closed", .closeAnswered: nothing, .readWriteServerFound: nothing,
        ],
        .authenticatingToClose: [
            .start: nothing, .connected: nothing, .connectionLost: "drop, end closed > closed", .handshake: nothing,
            .handshakeExpired: nothing, .handshakeReadOnly: nothing,
            .authenticated: "established, sendCloseSession > closing",
            .authRejected: "drop, end authFailed > authFailed", .earlyTick: nothing,
            .lateTick: "drop, end givenUp > expired", .close: nothing,
            .closeAtOnce: "drop, end closed > closed", .closeAnswered: nothing, .readWriteServerFound: nothing,
        ],
        .live: [
            .start: nothing, .connected: nothing, .connectionLost: "drop, connect > connecting", .handshake: nothing,
            .handshakeExpired: nothing, .handshakeReadOnly: nothing,
            .authenticated: nothing, .authRejected: "drop, end authFailed > authFailed", .earlyTick: nothing,
            .lateTick: "drop, connect > connecting", .close: "sendCloseSession > closing",
            .closeAtOnce: "sendCloseSession > closing", .closeAnswered: nothing,
            .readWriteServerFound: nothing,
        ],
        .liveReadOnly: [
            .start: nothing, .connected: nothing, .connectionLost: "drop, connect > connecting", .handshake: nothing,
            .handshakeExpired: nothing, .handshakeReadOnly: nothing,
            .authenticated: nothing, .authRejected: "drop, end authFailed > authFailed", .earlyTick: nothing,
            .lateTick: "drop, connect > connecting", .close: "sendCloseSession > closing",
            .closeAtOnce: "sendCloseSession > closing", .closeAnswered: nothing,
            .readWriteServerFound: "drop, connect > connecting",
        ],
        .closing: [
            .start: nothing, .connected: nothing, .connectionLost: "drop, end closed > closed", .handshake: nothing,
            .handshakeExpired: nothing, .handshakeReadOnly: nothing,
            .authenticated: nothing, .authRejected: "drop, end authFailed > authFailed", .earlyTick: nothing,
            .lateTick: "drop, end closed > closed", .close: nothing, .closeAtOnce: nothing,
            .closeAnswered: "drop, end closed > closed",
            .readWriteServerFound: nothing,
        ],
        .expired: allNothing, .authFailed: allNothing, .closed: allNothing,
    ]

    static let allNothing = Dictionary(uniqueKeysWithValues: EventName.allCases.map { ($0, nothing) })

    @Test func theTableNamesEveryPair() {
        for state in StateName.allCases {
            #expect(Set(Self.table[state]?.keys.map(\.rawValue) ?? []) == Set(EventName.allCases.map(\.rawValue)))
        }
    }

    @Test(arguments: StateName.allCases, EventName.allCases)
    func decides(state: StateName, event: EventName) throws {
        let expected = try #require(Self.table[state]?[event])
        var machine = SessionMachine.inState(state)
        let before = machine.state
        let now: Int64 = event == .lateTick ? 3_600_000 : 10
        let effects = machine.handle(event.value, now: now)
        let outcome = "\(effects.map(\.name).joined(separator: ", ")) > \(machine.state.name)"
        if expected == Self.nothing {
            #expect(effects.isEmpty)
            #expect(machine.state == before)
        } else {
            #expect(outcome == expected)
        }
    }
}

extension SessionMachineTableTests.EventName {
    var value: SessionMachine.Event {
        switch self {
        case .start: .start
        case .connected: .connected
        case .connectionLost: .connectionLost(reason: "reset")
        case .handshake: .handshake(.granting())
        case .handshakeExpired: .handshake(.granting(timeoutMillis: 0))
        case .handshakeReadOnly: .handshake(.granting(isReadOnly: true))
        case .authenticated: .authenticated
        case .authRejected: .authRejected
        case .earlyTick, .lateTick: .tick
        case .close: .close(waits: true)
        case .closeAtOnce: .close(waits: false)
        case .closeAnswered: .closeAnswered
        case .readWriteServerFound: .readWriteServerFound(host: 1)
        }
    }
}

extension ConnectResponse {
    static func granting(sessionID: Int64 = 7, timeoutMillis: Int32 = 9000, isReadOnly: Bool = false) -> Self {
        ConnectResponse(
            timeoutMillis: timeoutMillis, sessionID: sessionID, password: [UInt8](repeating: 5, count: 16),
            readOnly: isReadOnly)
    }
}

extension SessionMachine {
    /// A machine with three hosts, in this state at time 0.
    static func inState(_ name: SessionMachineTableTests.StateName) -> SessionMachine {
        var machine = SessionMachine(
            settings: Settings(
                hostCount: 3, sessionTimeoutMillis: 9000, canBeReadOnly: true, shufflesHosts: false,
                authenticates: [.authenticating, .authenticatingToClose].contains(name), seed: 1))
        func greet(_ response: ConnectResponse) {
            _ = machine.handle(.start, now: 0)
            _ = machine.handle(.connected, now: 0)
            _ = machine.handle(.handshake(response), now: 0)
        }
        switch name {
        case .idle: break
        case .pausing:
            _ = machine.handle(.start, now: 0)
            for _ in 0..<3 { _ = machine.handle(.connectionLost(reason: "refused"), now: 0) }
        case .connecting: _ = machine.handle(.start, now: 0)
        case .handshaking:
            _ = machine.handle(.start, now: 0)
            _ = machine.handle(.connected, now: 0)
        case .handshakingToClose:
            _ = machine.handle(.start, now: 0)
            _ = machine.handle(.connected, now: 0)
            _ = machine.handle(.close(waits: true), now: 0)
        case .authenticating: greet(.granting())
        case .authenticatingToClose:
            greet(.granting())
            _ = machine.handle(.close(waits: true), now: 0)
        case .live: greet(.granting())
        case .liveReadOnly: greet(.granting(isReadOnly: true))
        case .closing:
            greet(.granting())
            _ = machine.handle(.close(waits: true), now: 0)
        case .expired: greet(.granting(timeoutMillis: 0))
        case .authFailed:
            greet(.granting())
            _ = machine.handle(.authRejected, now: 0)
        case .closed: _ = machine.handle(.close(waits: true), now: 0)
        }
        precondition(machine.state.name == name.rawValue)
        return machine
    }
}

extension SessionMachine.State {
    var name: String {
        switch self {
        case .idle: "idle"
        case .pausing: "pausing"
        case .connecting: "connecting"
        case .handshaking(_, _, nil): "handshaking"
        case .handshaking: "handshakingToClose"
        case .authenticating(let exchange):
            exchange.closeAsked == nil ? "authenticating" : "authenticatingToClose"
        case .live(_, _, nil): "live"
        case .live: "liveReadOnly"
        case .closing: "closing"
        case .ended(.expired), .ended(.replaced), .ended(.givenUp): "expired"
        case .ended(.authFailed): "authFailed"
        case .ended(.closed): "closed"
        }
    }
}

extension SessionMachine.Effect {
    var name: String {
        switch self {
        case .connect: "connect"
        case .sendConnectRequest: "sendConnectRequest"
        case .authenticate: "authenticate"
        case .established: "established"
        case .sendPing: "sendPing"
        case .doubt: "doubt"
        case .probe: "probe"
        case .sendCloseSession: "sendCloseSession"
        case .drop: "drop"
        case .end(.givenUp): "end givenUp"
        case .end(let end): "end \(end)"
        }
    }
}
