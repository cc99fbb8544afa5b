// The bodies of txns by type. `ustring` and `buffer` are an int32 length (-1 is null) and that many bytes, a vector an
// int32 count and its elements:
//
//     createSession -10            timeOut:int32
//     closeSession -11             paths2Delete:vector<ustring>          absent in logs of servers before 3.6
//     create 1, create2 15         path:ustring data:buffer acl:vector<ACL> ephemeral:bool parentCVersion:int32
//                                                                        parentCVersion is absent in very old logs
//     createContainer 19           path data acl parentCVersion
//     createTTL 21                 path data acl parentCVersion ttl:int64
//     delete 2, deleteContainer 20 path
//     setData 5, reconfig 16       path data version:int32               the new version
//     setACL 7                     path acl version:int32                the new aversion
//     check 13                     path version:int32                    only within a multi
//     error -1                     err:int32
//     multi 14                     vector<{type:int32 body:buffer}>
//
// Source: `zookeeper.jute`, package `org.apache.zookeeper.txn`.

public import NIOCore
public import ZKCore
import ZKWire

/// Encodes and decodes the bodies of txns.
public enum TxnBody {
    public static func encode(_ txn: Txn, into buffer: inout ByteBuffer) {
        switch txn {
        case .createSession(let timeoutMillis):
            buffer.writeInteger(timeoutMillis)
        case .closeSession(let paths):
            if let paths { buffer.writeJute(paths) }
        case .create(let create):
            writeStart(of: create, into: &buffer)
            buffer.writeJute(create.isEphemeral)
            buffer.writeInteger(create.parentCVersion)
        case .createContainer(let create):
            writeStart(of: create, into: &buffer)
            buffer.writeInteger(create.parentCVersion)
        case .createTTL(let create, let ttlMillis):
            writeStart(of: create, into: &buffer)
            buffer.writeMultipleIntegers(create.parentCVersion, ttlMillis)
        case .delete(let path):
            buffer.writeJute(path)
        case .setData(let path, let data, let version):
            buffer.writeJute(path)
            buffer.writeJute(data)
            buffer.writeInteger(version)
        case .setACL(let path, let acl, let version):
            buffer.writeJute(path)
            buffer.writeJute(acl)
            buffer.writeInteger(version)
        case .check(let path, let version):
            buffer.writeJute(path)
            buffer.writeInteger(version)
        case .error(let code):
            buffer.writeInteger(code.rawValue)
        case .multi(let parts):
            buffer.writeInteger(Int32(parts.count))
            for part in parts {
                encode(part, into: &buffer)
            }
        }
    }

    /// Appends one part of a multi.
    public static func encode(_ part: SubTxn, into buffer: inout ByteBuffer) {
        buffer.writeMultipleIntegers(part.type.rawValue, 0 as Int32)
        let start = buffer.writerIndex
        encode(part.txn, into: &buffer)
        buffer.setInteger(Int32(buffer.writerIndex - start), at: start - 4)
    }

    private static func writeStart(of create: CreateTxn, into buffer: inout ByteBuffer) {
        buffer.writeJute(create.path)
        buffer.writeJute(create.data)
        buffer.writeJute(create.acl)
    }
}

extension TxnBody {
    /// Reads the bodies of a record.
    struct Decoder {
        var reader: JuteReader
        let normalizing: Bool
        /// False within a multi, where `check` may stand, and nothing that is not part of a multi.
        let isTopLevel: Bool
        /// Of the reader of a whole log.
        var lastACL: LastACL?

        mutating func decode(_ type: OpCode) throws(JuteError) -> Txn {
            switch type {
            case .create, .create2:
                return .create(try create(.create))
            case .createContainer:
                return .createContainer(try create(.createContainer))
            case .createTTL:
                return .createTTL(try create(.createTTL), ttlMillis: try reader.readInt64())
            case .delete, .deleteContainer:
                return .delete(path: try text())
            case .setData:
                return try setData()
            case .setACL:
                return .setACL(path: try text(), acl: try acl(), version: try reader.readInt32())
            case .error:
                return .error(ErrorCode(rawValue: try reader.readInt32()))
            case .check where !isTopLevel:
                return .check(path: try text(), version: try reader.readInt32())
            case .reconfig where isTopLevel:
                return try setData()
            case .createSession where isTopLevel:
                return .createSession(timeoutMillis: try reader.readInt32())
            case .closeSession where isTopLevel:
                return try closeSession()
            case .multi where isTopLevel:
                return try multi()
            default:
                throw .unexpectedType(type.rawValue)
            }
        }

        private mutating func create(_ type: OpCode) throws(JuteError) -> CreateTxn {
            var create = CreateTxn(
                path: try text(), data: try reader.readBuffer(), acl: try acl(), isEphemeral: false, parentCVersion: -1)
            if type == .create {
                create.isEphemeral = try reader.readBool()
                // `CreateTxnV0` ends here.
                if reader.remaining == 0 { return create }
            }
            create.parentCVersion = try reader.readInt32()
            return create
        }

        private mutating func setData() throws(JuteError) -> Txn {
            .setData(path: try text(), data: try reader.readBuffer(), version: try reader.readInt32())
        }

        private mutating func closeSession() throws(JuteError) -> Txn {
            let start = reader
            do throws(JuteError) {
                return .closeSession(paths: try texts())
            } catch {
                guard error == .truncated else { throw error }
                // No paths: an old log, where nothing or only a digest follows the header.
                reader = start
                return .closeSession(paths: nil)
            }
        }

        private mutating func multi() throws(JuteError) -> Txn {
            .multi(
                try reader.readVector(elementBytesMin: 8) { [normalizing, lastACL] (reader) throws(JuteError) in
                    let type = OpCode(rawValue: try reader.readInt32())
                    guard let body = try reader.readBytesInPlace() else { throw .unexpectedNull }
                    var decoder = Decoder(
                        reader: JuteReader(body, lengthMax: body.count), normalizing: normalizing,
                        isTopLevel: false, lastACL: lastACL)
                    return SubTxn(type: type, txn: try decoder.decode(type))
                })
        }

        private mutating func text() throws(JuteError) -> UString {
            guard let bytes = try reader.readBytesInPlace() else { throw .unexpectedNull }
            let string = UString(bytes: [UInt8](bytes))
            return normalizing ? UString(bytes: JavaString.normalized(string.bytes)) : string
        }

        private mutating func texts() throws(JuteError) -> [UString] {
            let count = try reader.readInt32()
            guard count > 0 else { return [] }
            guard Int(count) <= reader.remaining / 4 else { throw .truncated }
            var texts: [UString] = []
            texts.reserveCapacity(Int(count))
            for _ in 0..<count {
                texts.append(try text())
            }
            return texts
        }

        private mutating func acl() throws(JuteError) -> [ACL]? {
            if let lastACL, reader.skip(lastACL.bytes) { return lastACL.acl }
            let start = reader
            let acl = try reader.readOptionalACLs()
            let result = normalizing ? acl?.map(\.normalized) : acl
            lastACL?.bytes = start.bytesRead(upTo: reader)
            lastACL?.acl = result
            return result
        }
    }
}

/// The list that was decoded last: most creates in a log have that of the one before.
final class LastACL {
    /// As they stand in the log; empty when there is none.
    var bytes: [UInt8] = []
    var acl: [ACL]?
}

extension ACL {
    /// This entry with its strings as a Java server sees them after it loads a file.
    var normalized: ACL {
        ACL(
            perms: perms, scheme: UString(bytes: JavaString.normalized(identity.scheme.bytes)),
            id: UString(bytes: JavaString.normalized(identity.id.bytes)))
    }
}
