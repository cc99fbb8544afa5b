public import NIOCore
public import ZKCore

/// An identity of a connection, as whoAmI shows it.
public struct ClientInfo: JuteRecord, Hashable {
    public var authScheme: UString
    public var user: UString

    public init(authScheme: UString, user: UString) {
        self.authScheme = authScheme
        self.user = user
    }

    public init(from reader: inout JuteReader) throws(JuteError) {
        authScheme = try reader.readString()
        user = try reader.readString()
    }

    public func encode(into buffer: inout ByteBuffer) {
        buffer.writeJute(authScheme)
        buffer.writeJute(user)
    }
}

/// The reply to whoAmI.
public struct WhoAmIResponse: JuteRecord, Hashable {
    public var clientInfo: [ClientInfo]

    public init(clientInfo: [ClientInfo]) {
        self.clientInfo = clientInfo
    }

    public init(from reader: inout JuteReader) throws(JuteError) {
        clientInfo = try reader.readVector(elementBytesMin: 8) { (reader) throws(JuteError) in
            try ClientInfo(from: &reader)
        }
    }

    public func encode(into buffer: inout ByteBuffer) {
        buffer.writeJuteVector(clientInfo) { $1.encode(into: &$0) }
    }
}
