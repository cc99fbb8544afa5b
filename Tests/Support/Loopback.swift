import Foundation
import Glibc
import Synchronization

/// Ports and plain conversations on 127.0.0.1.
public enum Loopback {
    private static let given = Mutex<Set<UInt16>>([])

    /// A port that nobody listens on and that this process has not asked for before.
    ///
    /// For servers that cannot tell which port they got. It lies below the range from which the system takes the
    /// ports of outgoing connections, so that none of those can take it away.
    public static func freePort() throws -> UInt16 {
        for _ in 0..<1_000 {
            let port = UInt16.random(in: 15_000..<32_000)
            guard given.withLock({ $0.insert(port).inserted }), try canBind(port) else { continue }
            return port
        }
        throw POSIXFailure(call: "looking for a free port", errno: EADDRINUSE)
    }

    private static func canBind(_ port: UInt16) throws -> Bool {
        let descriptor = try makeSocket()
        defer { close(descriptor) }
        return withAddress(of: port) { bind(descriptor, $0, $1) } == 0
    }

    /// Sends `text`, closes its half of the connection, and gives all that the server answers.
    ///
    /// Blocks a thread for `limit` at most; call it through ``ask(_:port:limit:)``.
    static func askBlocking(_ text: String, port: UInt16, limit: Duration) throws -> String {
        let descriptor = try makeSocket()
        defer { close(descriptor) }
        var timeout = timeval(
            tv_sec: Int(limit.components.seconds), tv_usec: Int(limit.components.attoseconds / 1_000_000_000_000))
        let timeoutBytes = socklen_t(MemoryLayout<timeval>.size)
        setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &timeout, timeoutBytes)
        setsockopt(descriptor, SOL_SOCKET, SO_SNDTIMEO, &timeout, timeoutBytes)
        guard withAddress(of: port, { connect(descriptor, $0, $1) }) == 0 else {
            throw POSIXFailure(call: "connect to port \(port)", errno: errno)
        }
        let request = Array(text.utf8)
        guard send(descriptor, request, request.count, Int32(MSG_NOSIGNAL)) == request.count else {
            throw POSIXFailure(call: "send to port \(port)", errno: errno)
        }
        var answer: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 16 << 10)
        while true {
            let count = recv(descriptor, &chunk, chunk.count, 0)
            guard count >= 0 else { throw POSIXFailure(call: "receive from port \(port)", errno: errno) }
            if count == 0 { return String(decoding: answer, as: UTF8.self) }
            answer += chunk[..<count]
        }
    }

    /// Asks a server a four-letter word.
    public static func ask(_ word: String, port: UInt16, limit: Duration = .seconds(5)) async throws -> String {
        try await withCheckedThrowingContinuation { continuation in
            DispatchQueue.global().async {
                continuation.resume(with: Result { try askBlocking(word, port: port, limit: limit) })
            }
        }
    }

    private static func makeSocket() throws -> Int32 {
        let kind = Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue)
        let descriptor = socket(AF_INET, kind, 0)
        guard descriptor >= 0 else { throw POSIXFailure(call: "socket", errno: errno) }
        return descriptor
    }

    private static func withAddress<Value>(
        of port: UInt16, _ body: (UnsafePointer<sockaddr>, socklen_t) -> Value
    ) -> Value {
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = port.bigEndian
        address.sin_addr.s_addr = UInt32(0x7f00_0001).bigEndian
        return withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                body($0, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
    }
}
