import Glibc
import NIOCore

/// A socket of the server cannot listen.
public struct ListenError: Error, Sendable, Hashable {
    /// Which of them.
    public enum Socket: String, Sendable {
        case client = "the client port"
        case tls = "the TLS port"
        case admin = "the port of the admin server"
        case metrics = "the port of the metrics"
    }

    public let what: Socket
    public let host: String
    public let port: Int
    /// Whether somebody else listens there.
    public let isInUse: Bool
    let reason: String

    init(_ what: Socket, host: String, port: Int, _ error: any Error) {
        self.what = what
        self.host = host
        self.port = port
        let number = (error as? IOError)?.errnoCode
        isInUse = number == EADDRINUSE
        reason = number.map { String(cString: strerror($0)) } ?? "\(error)"
    }
}

extension ListenError: CustomStringConvertible {
    public var description: String {
        let address = host.contains(":") ? "[\(host)]:\(port)" : "\(host):\(port)"
        return isInUse
            ? "\(what.rawValue) \(address) is in use" : "\(what.rawValue) cannot listen on \(address): \(reason)"
    }
}
