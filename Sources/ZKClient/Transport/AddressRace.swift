internal import NIOCore

/// Connects to the first of several addresses that answers: the next one is tried when the last has failed, or has not
/// answered for a moment, while the others go on. After RFC 8305.
///
/// `@unchecked Sendable`: it belongs to the loop.
final class AddressRace: @unchecked Sendable {
    typealias Winner = (channel: any Channel, address: SocketAddress)

    static let stagger = TimeAmount.milliseconds(250)

    private let loop: any EventLoop
    private let open: (SocketAddress) -> EventLoopFuture<any Channel>
    private let promise: EventLoopPromise<Winner>
    private var waiting: ArraySlice<SocketAddress>
    private var underWay = 0
    private var failures: [(address: SocketAddress, reason: String)] = []
    private var isOver = false
    private var timer: Scheduled<Void>?

    /// - Parameter open: connects to an address.
    static func run(
        _ addresses: [SocketAddress], on loop: any EventLoop,
        _ open: @escaping (SocketAddress) -> EventLoopFuture<any Channel>
    ) -> EventLoopFuture<Winner> {
        let race = AddressRace(addresses[...], loop, open)
        race.startNext()
        return race.promise.futureResult
    }

    private init(
        _ addresses: ArraySlice<SocketAddress>, _ loop: any EventLoop,
        _ open: @escaping (SocketAddress) -> EventLoopFuture<any Channel>
    ) {
        self.loop = loop
        self.open = open
        waiting = addresses
        promise = loop.makePromise()
    }

    private func startNext() {
        timer?.cancel()
        timer = nil
        guard !isOver else { return }
        guard let address = waiting.popFirst() else {
            if underWay == 0 { lose() }
            return
        }
        underWay += 1
        open(address).hop(to: loop).whenComplete { self.finished(address, $0) }
        if !waiting.isEmpty { timer = loop.scheduleTask(in: Self.stagger) { self.startNext() } }
    }

    private func finished(_ address: SocketAddress, _ result: Result<any Channel, any Error>) {
        underWay -= 1
        switch result {
        case .success(let channel):
            guard !isOver else { return channel.close(promise: nil) }
            isOver = true
            timer?.cancel()
            promise.succeed((channel, address))
        case .failure(let error):
            failures.append((address, ConnectFailure.describe(error)))
            startNext()
        }
    }

    private func lose() {
        isOver = true
        var reason = failures.last?.reason ?? "no address"
        if Set(failures.map(\.reason)).count > 1 {
            reason = failures.map { "\($0.address.ipAddress ?? "?"): \($0.reason)" }.joined(separator: ", ")
        }
        promise.fail(ConnectFailure(reason: reason))
    }
}
