import NIOCore

/// Where a connection comes from, as Java writes it.
struct PeerAddress {
    /// As `InetAddress.getHostAddress`: `127.0.0.1`, or all groups of an IPv6 address. An IPv4 client of a socket that
    /// listens for both has its own address.
    let host: String
    let port: Int
    private let isV6: Bool

    init(_ address: SocketAddress?) {
        port = address?.port ?? 0
        guard let address, case .v6 = address else {
            host = address?.ipAddress ?? ""
            isV6 = false
            return
        }
        // Behind family, port and flow.
        let bytes = address.withSockAddr { pointer, size in
            Array(UnsafeRawBufferPointer(start: pointer, count: size)[8..<24])
        }
        isV6 = !(bytes[..<10].allSatisfy { $0 == 0 } && bytes[10..<12].allSatisfy { $0 == 0xFF })
        guard isV6 else {
            host = bytes[12...].map(String.init).joined(separator: ".")
            return
        }
        host = stride(from: 0, to: 16, by: 2).map { index in
            String(UInt16(bytes[index]) << 8 | UInt16(bytes[index + 1]), radix: 16)
        }.joined(separator: ":")
    }

    /// As `InetSocketAddress` writes it, without the slash in front: `127.0.0.1:40000`, `[0:0:0:0:0:0:0:1]:40000`.
    var text: String { isV6 ? "[\(host)]:\(port)" : "\(host):\(port)" }
}
