public import NIOCore
public import ZKCore

/// The body of multi and multiRead: ops, each behind a ``MultiHeader``, and a header that ends them.
public struct MultiRequest: JuteRecord, Hashable {
    public enum Op: Hashable, Sendable {
        /// `type` is create, create2 or createContainer.
        case create(type: OpCode, CreateRequest)
        case createTTL(CreateTTLRequest)
        case delete(DeleteRequest)
        case setData(SetDataRequest)
        case check(CheckVersionRequest)
        case getData(GetDataRequest)
        case getChildren(GetChildrenRequest)

        public var type: OpCode {
            switch self {
            case .create(let type, _): type
            case .createTTL: .createTTL
            case .delete: .delete
            case .setData: .setData
            case .check: .check
            case .getData: .getData
            case .getChildren: .getChildren
            }
        }
    }

    public var ops: [Op]

    public init(ops: [Op]) {
        self.ops = ops
    }

    public init(from reader: inout JuteReader) throws(JuteError) {
        ops = []
        while true {
            let header = try MultiHeader(from: &reader)
            if header.done { return }
            ops.append(try Op(type: header.type, from: &reader))
        }
    }

    public func encode(into buffer: inout ByteBuffer) {
        for op in ops {
            MultiHeader(type: op.type, done: false, err: -1).encode(into: &buffer)
            op.encode(into: &buffer)
        }
        MultiHeader.end.encode(into: &buffer)
    }
}

extension MultiHeader {
    /// Ends the ops or the results of a multi.
    public static let end = MultiHeader(type: .error, done: true, err: -1)
}

extension MultiRequest.Op {
    init(type: OpCode, from reader: inout JuteReader) throws(JuteError) {
        switch type {
        case .create, .create2, .createContainer: self = .create(type: type, try CreateRequest(from: &reader))
        case .createTTL: self = .createTTL(try CreateTTLRequest(from: &reader))
        case .delete: self = .delete(try DeleteRequest(from: &reader))
        case .setData: self = .setData(try SetDataRequest(from: &reader))
        case .check: self = .check(try CheckVersionRequest(from: &reader))
        case .getData: self = .getData(try GetDataRequest(from: &reader))
        case .getChildren: self = .getChildren(try GetChildrenRequest(from: &reader))
        default: throw .unexpectedType(type.rawValue)
        }
    }

    func encode(into buffer: inout ByteBuffer) {
        switch self {
        case .create(_, let request): request.encode(into: &buffer)
        case .createTTL(let request): request.encode(into: &buffer)
        case .delete(let request): request.encode(into: &buffer)
        case .setData(let request): request.encode(into: &buffer)
        case .check(let request): request.encode(into: &buffer)
        case .getData(let request): request.encode(into: &buffer)
        case .getChildren(let request): request.encode(into: &buffer)
        }
    }
}
