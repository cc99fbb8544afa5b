import NIOCore
import ZKCore
import ZKWire

/// Whole frames of requests, and what replies say.
enum Requests {
    static func frame(_ write: (inout ByteBuffer) -> Void) -> [UInt8] {
        var buffer = ByteBuffer()
        Frame.write(to: &buffer, write)
        return Array(buffer.readableBytesView)
    }

    static func connect(
        timeoutMillis: Int32 = 30_000, sessionID: Int64 = 0, password: [UInt8] = [UInt8](repeating: 0, count: 16),
        lastZxidSeen: Zxid = .zero
    ) -> [UInt8] {
        frame { buffer in
            ConnectRequest(
                lastZxidSeen: lastZxidSeen, timeoutMillis: timeoutMillis, sessionID: sessionID, password: password,
                readOnly: false
            ).encode(into: &buffer)
        }
    }

    static func request(_ xid: Int32, _ type: OpCode, _ body: some JuteRecord) -> [UInt8] {
        frame { buffer in
            RequestHeader(xid: xid, type: type).encode(into: &buffer)
            body.encode(into: &buffer)
        }
    }

    static func request(_ xid: Int32, _ type: OpCode) -> [UInt8] {
        frame { RequestHeader(xid: xid, type: type).encode(into: &$0) }
    }

    static func create(
        _ xid: Int32, _ path: UString, data: [UInt8]? = [], mode: CreateMode = .persistent, acl: [ACL] = .openUnsafe
    ) -> [UInt8] {
        request(xid, .create, CreateRequest(path: path, data: data, acl: acl, flags: mode.rawValue))
    }

    static func setData(_ xid: Int32, _ path: UString, _ data: [UInt8]?, version: Int32 = -1) -> [UInt8] {
        request(xid, .setData, SetDataRequest(path: path, data: data, version: version))
    }

    static func delete(_ xid: Int32, _ path: UString, version: Int32 = -1) -> [UInt8] {
        request(xid, .delete, DeleteRequest(path: path, version: version))
    }

    static func getData(_ xid: Int32, _ path: UString, watch: Bool = false) -> [UInt8] {
        request(xid, .getData, GetDataRequest(path: path, watch: watch))
    }

    static func exists(_ xid: Int32, _ path: UString, watch: Bool = false) -> [UInt8] {
        request(xid, .exists, ExistsRequest(path: path, watch: watch))
    }

    static func getChildren(_ xid: Int32, _ path: UString, watch: Bool = false) -> [UInt8] {
        request(xid, .getChildren, GetChildrenRequest(path: path, watch: watch))
    }
}

/// A reply or a notification.
struct Reply {
    var header: ReplyHeader
    var body: ByteBuffer

    init(_ frame: [UInt8]) throws {
        body = ByteBuffer(bytes: frame.dropFirst(4))
        header = try ReplyHeader(decoding: &body)
    }

    func decode<Record: JuteRecord>(_ type: Record.Type) throws -> Record {
        var body = body
        return try Record(decoding: &body)
    }
}

extension RawClient {
    /// Asks for a session and returns what was granted.
    @discardableResult
    func connect(
        timeoutMillis: Int32 = 30_000, sessionID: Int64 = 0, password: [UInt8] = [UInt8](repeating: 0, count: 16)
    ) throws -> ConnectResponse {
        try send(Requests.connect(timeoutMillis: timeoutMillis, sessionID: sessionID, password: password))
        guard let frame = try receiveFrame() else { throw Failure(description: "closed instead of connected") }
        var body = ByteBuffer(bytes: frame.dropFirst(4))
        return try ConnectResponse(decoding: &body)
    }

    func receive() throws -> Reply {
        guard let frame = try receiveFrame() else { throw Failure(description: "closed instead of answered") }
        return try Reply(frame)
    }

    /// Sends a request and takes the next frame for its reply.
    @discardableResult
    func ask(_ frame: [UInt8]) throws -> Reply {
        try send(frame)
        return try receive()
    }
}
