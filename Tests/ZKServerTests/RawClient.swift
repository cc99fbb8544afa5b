import Foundation
import Glibc

/// A socket to a server, that sends and takes whole frames and nothing else. Gives up after a minute of silence.
final class RawClient {
    struct Failure: Error, CustomStringConvertible {
        let description: String
    }

    private let descriptor: Int32
    private var received: [UInt8] = []

    init(port: Int) throws {
        descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = in_port_t(UInt16(port).bigEndian)
        address.sin_addr.s_addr = in_addr_t(UInt32(0x7F00_0001).bigEndian)
        var limit = timeval(tv_sec: 60, tv_usec: 0)
        setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &limit, socklen_t(MemoryLayout<timeval>.size))
        let result = withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                Glibc.connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
        guard result == 0 else { throw Failure(description: "connect: \(String(cString: strerror(errno)))") }
    }

    deinit {
        close()
    }

    /// Nothing more will be sent, but what comes is taken.
    func closeSending() {
        shutdown(descriptor, Int32(SHUT_WR))
    }

    private var isClosed = false

    func close() {
        if !isClosed { Glibc.close(descriptor) }
        isClosed = true
    }

    func send(_ bytes: [UInt8]) throws {
        var sent = 0
        while sent < bytes.count {
            let count = bytes.withUnsafeBytes { buffer in
                Glibc.send(descriptor, buffer.baseAddress! + sent, bytes.count - sent, Int32(MSG_NOSIGNAL))
            }
            guard count > 0 else { throw Failure(description: "send: \(String(cString: strerror(errno)))") }
            sent += count
        }
    }

    /// The next frame with its length; nil when the server has closed the connection.
    func receiveFrame() throws -> [UInt8]? {
        while true {
            if received.count >= 4 {
                let length = received[..<4].reduce(0) { $0 << 8 | Int($1) }
                if received.count >= 4 + length {
                    defer { received.removeFirst(4 + length) }
                    return Array(received[..<(4 + length)])
                }
            }
            guard try receiveMore() else { return nil }
        }
    }

    /// Everything up to the end of the connection.
    func receiveAll() throws -> [UInt8] {
        while try receiveMore() {}
        defer { received = [] }
        return received
    }

    /// All that has come, as soon as it is enough.
    func receive(until isEnough: ([UInt8]) -> Bool) throws -> [UInt8] {
        while !isEnough(received), try receiveMore() {}
        return received
    }

    private func receiveMore() throws -> Bool {
        var buffer = [UInt8](repeating: 0, count: 65536)
        let count = recv(descriptor, &buffer, buffer.count, 0)
        if count > 0 {
            received += buffer[..<count]
            return true
        }
        if count == 0 || errno == ECONNRESET { return false }
        throw Failure(description: "nothing came: \(String(cString: strerror(errno)))")
    }
}

extension [UInt8] {
    /// Bytes from hexadecimal digits.
    init(hex: some StringProtocol) {
        let digits = [UInt8](hex.utf8)
        self = stride(from: 0, to: digits.count - 1, by: 2).map { index in
            UInt8(String(decoding: digits[index..<(index + 2)], as: UTF8.self), radix: 16) ?? 0
        }
    }

    var hex: String {
        map { String($0 >> 4, radix: 16) + String($0 & 15, radix: 16) }.joined()
    }

    func replacing(_ pattern: [UInt8], with replacement: [UInt8]) -> [UInt8] {
        guard pattern.count == replacement.count, count >= pattern.count, !pattern.isEmpty else { return self }
        var result = self
        var index = 0
        while index + pattern.count <= result.count {
            if result[index] == pattern[0], Array(result[index..<(index + pattern.count)]) == pattern {
                result.replaceSubrange(index..<(index + pattern.count), with: replacement)
                index += pattern.count
            } else {
                index += 1
            }
        }
        return result
    }
}
