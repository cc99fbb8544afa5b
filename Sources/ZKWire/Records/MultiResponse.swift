public import NIOCore
public import ZKCore

/// The reply to multi and multiRead: a result for each op, and a header that ends them.
///
/// When a multi fails every result is an ``Result/error(_:)``: `.ok` for the ops before the one that failed,
/// `.runtimeInconsistency` for those after it. In a multiRead each op succeeds or fails on its own.
public struct MultiResponse: JuteRecord, Hashable {
    public enum Result: Hashable, Sendable {
        case create(CreateResponse)
        /// Of create2, createContainer and createTTL alike: type 15 on the wire.
        case create2(Create2Response)
        case delete
        case setData(SetDataResponse)
        case check
        case getData(GetDataResponse)
        case getChildren(GetChildrenResponse)
        case error(ErrorCode)
    }

    public var results: [Result]

    public init(results: [Result]) {
        self.results = results
    }

    public init(from reader: inout JuteReader) throws(JuteError) {
        results = []
        while true {
            let header = try MultiHeader(from: &reader)
            if header.done { return }
            results.append(try Result(type: header.type, from: &reader))
        }
    }

    public func encode(into buffer: inout ByteBuffer) {
        for result in results {
            result.encode(into: &buffer)
        }
        MultiHeader.end.encode(into: &buffer)
    }
}

extension MultiResponse.Result {
    init(type: OpCode, from reader: inout JuteReader) throws(JuteError) {
        switch type {
        case .create: self = .create(try CreateResponse(from: &reader))
        case .create2, .createContainer, .createTTL: self = .create2(try Create2Response(from: &reader))
        case .delete: self = .delete
        case .setData: self = .setData(try SetDataResponse(from: &reader))
        case .check: self = .check
        case .getData: self = .getData(try GetDataResponse(from: &reader))
        case .getChildren: self = .getChildren(try GetChildrenResponse(from: &reader))
        case .error: self = .error(try ErrorResponse(from: &reader).err)
        default: throw .unexpectedType(type.rawValue)
        }
    }

    func encode(into buffer: inout ByteBuffer) {
        switch self {
        case .create(let response):
            encode(.create, response, into: &buffer)
        case .create2(let response):
            encode(.create2, response, into: &buffer)
        case .delete:
            MultiHeader(type: .delete, done: false, err: 0).encode(into: &buffer)
        case .setData(let response):
            encode(.setData, response, into: &buffer)
        case .check:
            MultiHeader(type: .check, done: false, err: 0).encode(into: &buffer)
        case .getData(let response):
            encode(.getData, response, into: &buffer)
        case .getChildren(let response):
            encode(.getChildren, response, into: &buffer)
        case .error(let code):
            MultiHeader(type: .error, done: false, err: code.rawValue).encode(into: &buffer)
            ErrorResponse(err: code).encode(into: &buffer)
        }
    }

    private func encode(_ type: OpCode, _ response: some JuteRecord, into buffer: inout ByteBuffer) {
        MultiHeader(type: type, done: false, err: 0).encode(into: &buffer)
        response.encode(into: &buffer)
    }
}
