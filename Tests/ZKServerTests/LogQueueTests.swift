import Foundation
import Logging
import Support
import Synchronization
import Testing
import ZKCore
import ZKWire

@testable import ZKServer

/// Messages that nobody takes hold up nobody.
@Suite("The queue of messages", .timeLimit(.minutes(5)))
struct LogQueueTests {
    @Test func aLogThatNobodyReadsHoldsUpNoRequest() async throws {
        let reader = HeldReader()
        var configuration = ServerConfiguration(logger: reader.logger)
        configuration.connectionsPerAddressMax = 0
        let server = try await EmbeddedServer.start(configuration)
        reader.hold()
        let client = try RawClient(port: server.port)
        try client.connect()
        let count = 1500
        for _ in 0..<count {
            let bad = try RawClient(port: server.port)
            try bad.connect()
            try bad.send([0xFF, 0xFF, 0xFF, 0xFF])
            #expect(try bad.receiveFrame() == nil)
        }
        #expect(try client.ask(Requests.create(1, "/a")).header.err == .ok)
        reader.release()
        try await eventually("what was dropped is told") { reader.dropped > 0 }
        #expect(reader.messages("a frame has a bad length: closing the connection") + reader.dropped == count)
        try await server.shutdown()
    }

    @Test func whatWasSaidIsWrittenBeforeTheEnd() {
        let reader = HeldReader()
        let queue = LogQueue(reader.logger)
        for number in 0..<500 { queue.logger.warning("\(number)") }
        queue.stop()
        #expect(reader.all == (0..<500).map(String.init))
    }

    @Test func theEndDoesNotWaitForAReader() {
        let reader = HeldReader()
        let queue = LogQueue(reader.logger)
        reader.hold()
        queue.logger.warning("never read")
        let began = ContinuousClock.now
        queue.stop()
        #expect(ContinuousClock.now - began < .seconds(30))
        reader.release()
    }

    @Test func levelsAreThoseOfTheLoggerBehind() {
        let reader = HeldReader()
        var logger = reader.logger
        logger.logLevel = .error
        let queue = LogQueue(logger)
        queue.logger.warning("not this")
        queue.logger.error("this")
        queue.stop()
        #expect(reader.all == ["this"])
    }
}

/// A logger that keeps messages, and waits while it is held.
private final class HeldReader: Sendable {
    private struct State {
        var isHeld = false
        var messages: [String] = []
        var dropped = 0
    }

    private let state = Mutex(State())

    func hold() { state.withLock { $0.isHeld = true } }
    func release() { state.withLock { $0.isHeld = false } }
    var dropped: Int { state.withLock { $0.dropped } }
    var all: [String] { state.withLock { $0.messages } }
    func messages(_ text: String) -> Int { all.count { $0 == text } }

    var logger: Logger { Logger(label: "test") { [self] _ in Handler(reader: self) } }

    private func take(_ event: LogEvent) {
        while state.withLock({ $0.isHeld }) { usleep(1000) }
        state.withLock { state in
            state.messages.append(event.message.description)
            if let count = event.metadata?["count"], let number = Int("\(count)") { state.dropped += number }
        }
    }

    private struct Handler: LogHandler {
        let reader: HeldReader
        var logLevel = Logger.Level.info
        var metadata: Logger.Metadata = [:]

        subscript(metadataKey key: String) -> Logger.Metadata.Value? {
            get { metadata[key] }
            set { metadata[key] = newValue }
        }

        func log(event: LogEvent) { reader.take(event) }
    }
}
