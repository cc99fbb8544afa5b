import NIOCore
import Testing
import ZKCore
import ZKServer
import ZKWire

/// What a server of Apache ZooKeeper 3.9.4 answered to null where it is odd.
@Suite("Null where it is odd", .timeLimit(.minutes(2)))
struct NullTests {
    private static func request(_ type: OpCode, _ write: (inout ByteBuffer) -> Void) -> [UInt8] {
        Requests.frame { buffer in
            RequestHeader(xid: 1, type: type).encode(into: &buffer)
            write(&buffer)
        }
    }

    private static let null = Int32(-1)

    /// A create with an entry of this scheme and this ID in its list.
    private static func create(scheme: String?, id: String?) -> [UInt8] {
        request(.create) { buffer in
            buffer.writeJute("/x" as UString)
            buffer.writeInteger(null)
            buffer.writeMultipleIntegers(Int32(1), Int32(31))
            for text in [scheme, id] {
                if let text { buffer.writeJute(UString(text)) } else { buffer.writeInteger(null) }
            }
            buffer.writeInteger(Int32(0))
        }
    }

    private static let cases: [(frame: [UInt8], code: ErrorCode)] = [
        (request(.setWatches) { $0.writeMultipleIntegers(Int64(0), null, null, null) }, .marshallingError),
        (request(.setWatches) { $0.writeMultipleIntegers(Int64(0), Int32(0), null, Int32(0)) }, .marshallingError),
        (
            request(.setWatches2) { $0.writeMultipleIntegers(Int64(0), Int32(0), Int32(0), Int32(0), null, Int32(0)) },
            .marshallingError
        ),
        (request(.sync) { $0.writeInteger(null) }, .ok),
        (request(.addWatch) { $0.writeMultipleIntegers(null, Int32(0)) }, .ok),
        (request(.addWatch) { $0.writeMultipleIntegers(null, Int32(1)) }, .ok),
        (request(.checkWatches) { $0.writeMultipleIntegers(null, Int32(1)) }, .noWatcher),
        (request(.removeWatches) { $0.writeMultipleIntegers(null, Int32(1)) }, .noWatcher),
        (
            request(.multi) { buffer in
                MultiHeader(type: .create, done: false, err: -1).encode(into: &buffer)
                buffer.writeJute("/m" as UString)
                buffer.writeMultipleIntegers(null, null, Int32(0))
                MultiHeader.end.encode(into: &buffer)
            }, .marshallingError
        ),
        (create(scheme: nil, id: nil), .invalidACL), (create(scheme: nil, id: "x"), .invalidACL),
        (create(scheme: "zzz", id: nil), .invalidACL), (create(scheme: "digest", id: nil), .marshallingError),
        (create(scheme: "world", id: nil), .marshallingError), (create(scheme: "ip", id: nil), .marshallingError),
        (create(scheme: "sasl", id: "user@R/server.com"), .invalidACL),
    ]

    @Test(arguments: cases.indices)
    func answersAsApacheDoes(index: Int) async throws {
        let server = try await EmbeddedServer.start(ServerConfiguration())
        let client = try RawClient(port: server.port)
        try client.connect()
        #expect(try client.ask(Self.cases[index].frame).header.err == Self.cases[index].code)
        #expect(try client.ask(Requests.exists(2, "/")).header.err == .ok)
        try await server.shutdown()
    }

    @Test(arguments: [(nil, "a:b"), ("digest", nil)] as [(String?, String?)])
    func nothingIsProvedByNull(scheme: String?, credentials: String?) async throws {
        let server = try await EmbeddedServer.start(ServerConfiguration())
        let client = try RawClient(port: server.port)
        try client.connect()
        let frame = Requests.frame { buffer in
            RequestHeader(xid: XID.auth, type: .auth).encode(into: &buffer)
            buffer.writeInteger(Int32(0))
            for text in [scheme, credentials] {
                if let text { buffer.writeJute(UString(text)) } else { buffer.writeInteger(Self.null) }
            }
        }
        #expect(try client.ask(frame).header.err == .authFailed)
        #expect(try client.receiveFrame() == nil)
        try await server.shutdown()
    }
}
