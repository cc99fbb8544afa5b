internal import NIOCore
internal import NIOPosix

#if canImport(Darwin)
    internal import Darwin
#elseif canImport(Glibc)
    internal import Glibc
#elseif canImport(Musl)
    internal import Musl
#endif

/// Turns a host of the connect string into addresses, anew for each connect, so that a name may move.
enum AddressResolver {
    private static let threads: NIOThreadPool = {
        let pool = NIOThreadPool(numberOfThreads: 1)
        pool.start()
        return pool
    }()

    /// The addresses in the order in which they should be tried: random, so that clients spread over the servers
    /// behind one name. Numeric addresses and `localhost` need no resolver, and so no thread.
    static func addresses(of host: ConnectString.Host, on loop: any EventLoop) -> EventLoopFuture<[SocketAddress]> {
        if host.name == "localhost" {
            return loop.makeSucceededFuture(
                ["127.0.0.1", "::1"].compactMap { try? SocketAddress(ipAddress: $0, port: host.port) })
        }
        if let address = try? SocketAddress(ipAddress: host.name, port: host.port) {
            return loop.makeSucceededFuture([address])
        }
        return threads.runIfActive(eventLoop: loop) { try query(host).shuffled() }
    }

    /// Blocks.
    private static func query(_ host: ConnectString.Host) throws -> [SocketAddress] {
        var hints = addrinfo()
        hints.ai_family = AF_UNSPEC
        #if canImport(Glibc)
            hints.ai_socktype = Int32(SOCK_STREAM.rawValue)
        #else
            hints.ai_socktype = SOCK_STREAM
        #endif
        var list: UnsafeMutablePointer<addrinfo>?
        let status = getaddrinfo(host.name, String(host.port), &hints, &list)
        guard status == 0 else {
            throw ConnectFailure(
                reason: "cannot resolve \(host.name): \(String(cString: gai_strerror(status)))",
                isLasting: status == EAI_NONAME)
        }
        defer { freeaddrinfo(list) }
        var addresses: [SocketAddress] = []
        var entry = list
        while let info = entry?.pointee {
            if let address = socketAddress(info) { addresses.append(address) }
            entry = info.ai_next
        }
        return addresses
    }

    private static func socketAddress(_ info: addrinfo) -> SocketAddress? {
        guard let address = info.ai_addr else { return nil }
        switch info.ai_family {
        case AF_INET:
            return address.withMemoryRebound(to: sockaddr_in.self, capacity: 1) { SocketAddress($0.pointee) }
        case AF_INET6:
            return address.withMemoryRebound(to: sockaddr_in6.self, capacity: 1) { SocketAddress($0.pointee) }
        default:
            return nil
        }
    }
}

/// Why a host could not be reached, in words for the user.
struct ConnectFailure: Error, CustomStringConvertible {
    let reason: String
    /// Whether it comes again however often it is tried.
    var isLasting = false

    var description: String { reason }

    /// What went wrong, as short as `connection refused`.
    static func describe(_ error: any Error) -> String {
        if let error = error as? IOError {
            return String(cString: strerror(error.errnoCode)).lowercasedFirst
        }
        if let text = describeTLS(error) { return text }
        if let error = error as? ChannelError, case .connectTimeout(let limit) = error {
            return "no answer within \(limit.nanoseconds / 1_000_000) ms"
        }
        if error is ChannelError { return "the connection could not be opened (\(error))" }
        return "\(error)"
    }
}

extension String {
    fileprivate var lowercasedFirst: String { prefix(1).lowercased() + dropFirst() }
}
