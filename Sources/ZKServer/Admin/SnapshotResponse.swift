import NIOCore
import NIOHTTP1
import ZKCore
import ZKStore

/// The answer to `/commands/snapshot`: a new snapshot, with its zxid and its size in headers. Source:
/// `Commands.SnapshotCommand`.
///
/// Written by the thread that took it, a piece at a time, each after the one before is sent.
struct SnapshotResponse: Sendable {
    let channel: any Channel
    let head: HTTPRequestHead
    /// False leaves the file where it is, and answers with its headers alone.
    let isStreamed: Bool

    private static let pieceBytes = 1 << 20

    func start(_ commands: AdminCommands) {
        commands.takeSnapshot { result in
            do {
                try send(try result.get())
            } catch {
                sendFailure("\(error)")
            }
        }
    }

    private func send(_ snapshot: Snapshotter.Last) throws {
        let file = try PosixFileSystem().open(snapshot.path, for: .reading)
        let size = try file.size()
        var headers = HTTPHeaders([
            ("Content-Type", isStreamed ? "application/octet-stream" : "application/json"),
            ("last_zxid", "0x\(snapshot.zxid.hex)"), ("snapshot_size", "\(size)"),
        ])
        guard isStreamed else {
            return sendText("{\n  \"command\" : \"snapshot\",\n  \"error\" : null\n}", status: .ok, headers)
        }
        headers.add(name: "Content-Length", value: "\(size)")
        if !head.isKeepAlive { headers.add(name: "Connection", value: "close") }
        // Done with the first flush: waiting for it here would be for ever.
        channel.write(
            HTTPServerResponsePart.head(HTTPResponseHead(version: head.version, status: .ok, headers: headers)),
            promise: nil)
        var offset: Int64 = 0
        while offset < size {
            let count = Int(min(Int64(Self.pieceBytes), size - offset))
            var piece = channel.allocator.buffer(capacity: count)
            let read = try piece.writeWithUnsafeMutableBytes(minimumWritableBytes: count) { bytes in
                try file.read(into: UnsafeMutableRawBufferPointer(rebasing: bytes[..<count]), at: offset)
            }
            guard read > 0 else { break }
            try channel.writeAndFlush(HTTPServerResponsePart.body(.byteBuffer(piece))).wait()
            offset += Int64(read)
        }
        finish()
    }

    private func sendFailure(_ problem: String) {
        sendText("\(problem)\n", status: .internalServerError, HTTPHeaders([("Content-Type", "text/plain")]))
    }

    private func sendText(_ text: String, status: HTTPResponseStatus, _ headers: HTTPHeaders) {
        var headers = headers
        headers.add(name: "Content-Length", value: "\(text.utf8.count)")
        if !head.isKeepAlive { headers.add(name: "Connection", value: "close") }
        channel.write(
            HTTPServerResponsePart.head(HTTPResponseHead(version: head.version, status: status, headers: headers)),
            promise: nil)
        channel.write(HTTPServerResponsePart.body(.byteBuffer(ByteBuffer(string: text))), promise: nil)
        finish()
    }

    private func finish() {
        let sent = channel.writeAndFlush(HTTPServerResponsePart.end(nil))
        guard !head.isKeepAlive else { return }
        let channel = channel
        sent.whenComplete { _ in channel.close(promise: nil) }
    }
}
