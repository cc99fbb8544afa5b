internal import NIOCore

/// What answers a connect request when it is no ZooKeeper server.
enum ForeignProtocol {
    private static let shownMax = 40

    /// What the peer is, by its first words; nil when they may be ZooKeeper's.
    ///
    /// - hasSpoken: whether it has sent a whole frame before, so that these are not its first words.
    static func name(of bytes: ByteBuffer, hasSpoken: Bool) -> String? {
        guard !hasSpoken, let first = bytes.readableBytesView.first else { return nil }
        // An alert of TLS.
        if first == 0x15 || first == 0x16 { return "it speaks TLS on this port; write zks:// in front of the hosts" }
        let line = bytes.readableBytesView.prefix(shownMax).prefix { $0 != 10 && $0 != 13 }
        // No frame is as long as four letters say.
        guard line.count >= 4, line.allSatisfy({ (0x20...0x7e).contains($0) }) else { return nil }
        let text = String(decoding: line, as: UTF8.self)
        let known = [("HTTP/", "HTTP"), ("SSH-", "SSH"), ("-ERR", "Redis"), ("-NOAUTH", "Redis"), ("+", "Redis")]
        let name = known.first { text.hasPrefix($0.0) }.map { ", but \($0.1)" } ?? ""
        return "it does not speak ZooKeeper's protocol\(name) (it says \"\(text)\")"
    }
}
