internal import NIOCore
internal import ZKCore
internal import ZKWire

/// A request and its reply, for the work before and after the measured time.
struct ScriptRequest: Sendable {
    let type: OpCode
    let body: any JuteRecord
}

struct ScriptReply: Sendable {
    let err: ErrorCode
    let body: [UInt8]

    func decode<Record: JuteRecord>(_ type: Record.Type = Record.self) throws -> Record {
        var buffer = ByteBuffer(bytes: body)
        return try Record(decoding: &buffer)
    }
}

/// Sends lists of requests and collects the replies. Confined to the connection's event loop.
final class ScriptSource: RequestSource {
    private var requests: [ScriptRequest] = []
    private var next = 0
    private var replies: [ScriptReply] = []
    private var completion: EventLoopPromise<[ScriptReply]>?
    private var failure: BenchError?

    func load(_ requests: [ScriptRequest], _ completion: EventLoopPromise<[ScriptReply]>) {
        if let failure { return completion.fail(failure) }
        self.requests = requests
        self.completion = completion
        next = 0
        replies = []
        replies.reserveCapacity(requests.count)
    }

    func writeNext(xid: Int32, into buffer: inout ByteBuffer) -> Bool {
        guard next < requests.count else { return false }
        let request = requests[next]
        next += 1
        Frame.write(to: &buffer) {
            RequestHeader(xid: xid, type: request.type).encode(into: &$0)
            request.body.encode(into: &$0)
        }
        return true
    }

    func receive(xid: Int32, err: ErrorCode, body: UnsafeRawBufferPointer, latencyNanos: UInt64) {
        replies.append(ScriptReply(err: err, body: [UInt8](body)))
    }

    func didReceiveBatch() {}

    func didDrain() {
        guard let completion else { return }
        self.completion = nil
        completion.succeed(replies)
    }

    func connectionDidFail(_ error: BenchError) {
        failure = error
        completion?.fail(error)
        completion = nil
    }
}
