import NIOCore
import ZKCore
import ZKWire

/// Decodes the frames of one recorded connection and encodes them again, as a client or a server would that keeps
/// track of which request a reply answers.
struct Conversation {
    enum Problem: Error, Equatable {
        case jute(JuteError)
        case frame(FrameError)
        /// Bytes are left behind the record.
        case surplus(Int)
        /// No record of ours stands here.
        case foreign
    }

    private var isHandshakeSent = false
    private var isHandshakeAnswered = false
    private var pending: [(xid: Int32, type: OpCode)] = []

    /// The frame as our records write it, with its length.
    mutating func reencoded(_ frame: RecordedFrame) throws(Problem) -> [UInt8] {
        var input = ByteBuffer(bytes: frame.bytes)
        let payload: ByteBuffer?
        do throws(FrameError) {
            payload = try Frame.cut(from: &input, bytesMax: 64 << 20)
        } catch {
            throw .frame(error)
        }
        guard var payload, input.readableBytes == 0 else { throw .foreign }
        var output = ByteBuffer()
        let encode: (inout ByteBuffer) -> Void
        do throws(JuteError) {
            encode =
                switch frame.direction {
                case .toServer: try request(&payload)
                case .toClient: try reply(&payload)
                }
        } catch {
            throw .jute(error)
        }
        guard payload.readableBytes == 0 else { throw .surplus(payload.readableBytes) }
        Frame.write(to: &output, encode)
        return Array(output.readableBytesView)
    }

    private mutating func request(_ payload: inout ByteBuffer) throws(JuteError) -> (inout ByteBuffer) -> Void {
        guard isHandshakeSent else {
            isHandshakeSent = true
            return try ConnectRequest(decoding: &payload).encode
        }
        let header = try RequestHeader(decoding: &payload)
        pending.append((header.xid, header.type))
        guard let type = requestType(of: header.type) else { return header.encode }
        let body = try type.init(decoding: &payload)
        return { buffer in
            header.encode(into: &buffer)
            body.encode(into: &buffer)
        }
    }

    private mutating func reply(_ payload: inout ByteBuffer) throws(JuteError) -> (inout ByteBuffer) -> Void {
        guard isHandshakeAnswered else {
            isHandshakeAnswered = true
            return try ConnectResponse(decoding: &payload).encode
        }
        let header = try ReplyHeader(decoding: &payload)
        guard let type = replyType(header) else { return header.encode }
        let body = try type.init(decoding: &payload)
        return { buffer in
            header.encode(into: &buffer)
            body.encode(into: &buffer)
        }
    }

    private mutating func replyType(_ header: ReplyHeader) -> (any JuteRecord.Type)? {
        if header.xid == XID.notification { return WatcherEvent.self }
        guard let index = pending.firstIndex(where: { $0.xid == header.xid }) else { return nil }
        let type = pending.remove(at: index).type
        // Alone among the errors, a refused multiRead has an empty multi for a body, and a refused sasl a null token.
        guard header.err == .ok || type == .multiRead || type == .sasl else { return nil }
        return responseType(of: type)
    }
}

/// The record of a request's body; nil for ops without one.
func requestType(of op: OpCode) -> (any JuteRecord.Type)? {
    switch op {
    case .create, .create2, .createContainer: CreateRequest.self
    case .createTTL: CreateTTLRequest.self
    case .delete: DeleteRequest.self
    case .deleteContainer: DeleteContainerRequest.self
    case .exists: ExistsRequest.self
    case .getData: GetDataRequest.self
    case .setData: SetDataRequest.self
    case .getACL: GetACLRequest.self
    case .setACL: SetACLRequest.self
    case .getChildren, .getChildren2: GetChildrenRequest.self
    case .sync: SyncRequest.self
    case .check: CheckVersionRequest.self
    case .multi, .multiRead: MultiRequest.self
    case .reconfig: ReconfigRequest.self
    case .checkWatches: CheckWatchesRequest.self
    case .removeWatches: RemoveWatchesRequest.self
    case .auth: AuthPacket.self
    case .setWatches: SetWatches.self
    case .setWatches2: SetWatches2.self
    case .sasl: SASLRequest.self
    case .getEphemerals: GetEphemeralsRequest.self
    case .getAllChildrenNumber: GetAllChildrenNumberRequest.self
    case .addWatch: AddWatchRequest.self
    default: nil
    }
}

/// The record of a successful reply's body; nil for ops without one.
func responseType(of op: OpCode) -> (any JuteRecord.Type)? {
    switch op {
    case .create: CreateResponse.self
    case .create2, .createContainer, .createTTL: Create2Response.self
    case .exists: ExistsResponse.self
    case .getData: GetDataResponse.self
    case .setData: SetDataResponse.self
    case .getACL: GetACLResponse.self
    case .setACL: SetACLResponse.self
    case .getChildren: GetChildrenResponse.self
    case .getChildren2: GetChildren2Response.self
    case .sync: SyncResponse.self
    case .multi, .multiRead: MultiResponse.self
    case .sasl: SASLResponse.self
    case .getEphemerals: GetEphemeralsResponse.self
    case .getAllChildrenNumber: GetAllChildrenNumberResponse.self
    case .addWatch: ErrorResponse.self
    case .whoAmI: WhoAmIResponse.self
    // A standalone server refuses it; an ensemble answers as to getData.
    case .reconfig: GetDataResponse.self
    default: nil
    }
}
