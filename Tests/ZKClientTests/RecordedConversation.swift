import Foundation
import NIOCore
import Support

/// The frames of one connection that a proxy between Apache's client and server has recorded.
struct RecordedConversation {
    struct Frame: Sendable {
        var isFromClient: Bool
        /// With the length in front.
        var bytes: [UInt8]
        var what: String
    }

    private struct Line: Decodable {
        var conn: Int?
        var dir: String?
        var hex: String?
        var what: String?
    }

    let frames: [Frame]

    /// The pings are left out: they depend on the time.
    init(_ name: String, connection: Int = 1) throws {
        let text = try String(contentsOf: Fixtures.url("wire/\(name).jsonl"), encoding: .utf8)
        frames = try text.split(separator: "\n").compactMap { line in
            let line = try JSONDecoder().decode(Line.self, from: Data(line.utf8))
            guard line.conn == connection, let dir = line.dir, let hex = line.hex, let what = line.what,
                !what.contains("ping")
            else { return nil }
            return Frame(isFromClient: dir == "c>s", bytes: Self.bytes(ofHex: hex), what: what)
        }
    }

    private static func bytes(ofHex hex: String) -> [UInt8] {
        let digits = Array(hex.utf8)
        return stride(from: 0, to: digits.count, by: 2).map {
            UInt8(String(decoding: digits[$0..<$0 + 2], as: UTF8.self), radix: 16) ?? 0
        }
    }

    /// Plays the server, and says what the client has sent that Apache's client had not.
    func play(on server: ScriptedServer) async throws -> [String] {
        let connection = try await server.accept()
        var differences: [String] = []
        for frame in frames {
            if !frame.isFromClient {
                connection.sendBytes(ByteBuffer(bytes: frame.bytes))
                continue
            }
            guard let sent = try await connection.frame() else {
                return differences + ["the client closed before: \(frame.what)"]
            }
            let bytes = Array(sent.readableBytesView)
            if bytes != Array(frame.bytes.dropFirst(4)) {
                differences.append("instead of \(frame.what): \(bytes)")
            }
        }
        return differences
    }
}
