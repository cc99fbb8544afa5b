import NIOCore
import NIOHTTP1
import ZKCore
import ZKStore

/// The answer to `/commands/snapshot`: a new snapshot, with its zxid and its size in headers. Source:
/// `Commands.SnapshotCommand`.
///
/// Written by the thread that took it, a piece at a time, each after the one before is sent.
struct SnapshotResponse: Sendable {
    let exchange: HTTPExchange
    /// False leaves the file where it is, and answers with its headers alone.
    let isStreamed: Bool

    private static let pieceBytes = 1 << 20

    func start(_ commands: AdminCommands) {
        commands.takeSnapshot { result in
            do {
                let snapshot = try result.get()
                let file = try PosixFileSystem().open(snapshot.path, for: .reading)
                send(snapshot, file, size: try file.size())
            } catch {
                exchange.send(.internalServerError, type: "text/plain", "\(error)\n")
            }
        }
    }

    private func send(_ snapshot: Snapshotter.Last, _ file: any OpenFile, size: Int64) {
        let headers: HTTPHeaders = ["last_zxid": "0x\(snapshot.zxid.hex)", "snapshot_size": "\(size)"]
        guard isStreamed else {
            let text = "{\n  \"command\" : \"snapshot\",\n  \"error\" : null\n}"
            return exchange.send(.ok, type: "application/json", headers: headers, text)
        }
        // Done with the first flush: waiting for it here would be for ever.
        exchange.begin(.ok, type: "application/octet-stream", headers: headers, bodyBytes: size)
        guard exchange.wantsBody else { return exchange.end() }
        do {
            try stream(file, size: size)
            exchange.end()
        } catch {
            // The head is gone already, and says how long the body is.
            exchange.breakOff()
        }
    }

    private func stream(_ file: any OpenFile, size: Int64) throws {
        var offset: Int64 = 0
        while offset < size {
            let count = Int(min(Int64(Self.pieceBytes), size - offset))
            var piece = exchange.channel.allocator.buffer(capacity: count)
            let read = try piece.writeWithUnsafeMutableBytes(minimumWritableBytes: count) { bytes in
                try file.read(into: UnsafeMutableRawBufferPointer(rebasing: bytes[..<count]), at: offset)
            }
            guard read > 0 else { throw Truncated() }
            try exchange.channel.writeAndFlush(HTTPServerResponsePart.body(.byteBuffer(piece))).wait()
            offset += Int64(read)
        }
    }

    /// The file became shorter while it was sent.
    private struct Truncated: Error {}
}
