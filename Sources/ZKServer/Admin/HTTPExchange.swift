import NIOCore
import NIOHTTP1

/// A request of HTTP and the way its one answer goes. From any thread.
struct HTTPExchange: Sendable {
    let channel: any Channel
    let head: HTTPRequestHead

    /// Whether the answer has a body: to HEAD it has its headers alone.
    var wantsBody: Bool { head.method != .HEAD }

    /// A whole answer.
    func send(_ status: HTTPResponseStatus, type: String, headers: HTTPHeaders = [:], _ text: String) {
        let body = ByteBuffer(string: text)
        begin(status, type: type, headers: headers, bodyBytes: Int64(body.readableBytes))
        if wantsBody { channel.write(HTTPServerResponsePart.body(.byteBuffer(body)), promise: nil) }
        end()
    }

    /// The head of an answer. ``end()`` follows, or ``breakOff()`` if the body does not come as it was said.
    func begin(_ status: HTTPResponseStatus, type: String, headers: HTTPHeaders, bodyBytes: Int64) {
        var headers = headers
        headers.add(name: "Content-Type", value: type)
        headers.add(name: "Content-Length", value: "\(bodyBytes)")
        if !head.isKeepAlive { headers.add(name: "Connection", value: "close") }
        channel.write(
            HTTPServerResponsePart.head(HTTPResponseHead(version: head.version, status: status, headers: headers)),
            promise: nil)
    }

    func end() {
        let sent = channel.writeAndFlush(HTTPServerResponsePart.end(nil))
        guard !head.isKeepAlive else { return }
        let channel = channel
        sent.whenComplete { _ in channel.close(promise: nil) }
    }

    /// Nothing can follow what was sent but the end of the connection: by it the client knows that something is missing.
    func breakOff() {
        channel.close(promise: nil)
    }
}
