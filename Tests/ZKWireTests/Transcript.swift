import Foundation
import Support

/// A line of a recorded transcript that holds a frame.
struct RecordedFrame {
    enum Direction: String {
        case toServer = "c>s"
        case toClient = "s>c"
    }

    var file: String
    var line: Int
    var connection: Int
    var direction: Direction
    /// With the four bytes of the length.
    var bytes: [UInt8]
    /// The recording holds only the first part of this many bytes.
    var truncatedFrom: Int?
    var what: String

    /// Without the four bytes of the length.
    var payload: [UInt8] { Array(bytes.dropFirst(4)) }
    var place: String { "\(file):\(line) (\(what))" }
}

enum Transcript {
    static let names = [
        "java-basic", "java-chroot", "java-multi", "java-reconnect", "java-sasl", "java-saslbad", "java-watches",
        "kazoo-basic", "raw-connect", "raw-errors", "raw-pipeline", "raw-watches",
    ]

    /// The frames of `Fixtures/wire/NAME.jsonl`; notes and closes are left out.
    static func frames(of name: String) throws -> [RecordedFrame] {
        let text = String(decoding: try Fixtures.bytes("wire/\(name).jsonl"), as: UTF8.self)
        return try text.split(separator: "\n").compactMap { line in
            let object = try JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any]
            guard let object, let hex = object["hex"] as? String else { return nil }
            guard let direction = (object["dir"] as? String).flatMap(RecordedFrame.Direction.init(rawValue:)),
                let connection = object["conn"] as? Int, let number = object["i"] as? Int
            else { throw CocoaError(.fileReadCorruptFile) }
            return RecordedFrame(
                file: name, line: number, connection: connection, direction: direction, bytes: bytes(ofHex: hex),
                truncatedFrom: object["truncated_from"] as? Int, what: object["what"] as? String ?? "")
        }
    }

    private static func bytes(ofHex hex: String) -> [UInt8] {
        let digits = hex.utf8.map { UInt8($0 < 0x40 ? $0 - 0x30 : $0 - 0x57) }
        return stride(from: 0, to: digits.count - 1, by: 2).map { digits[$0] << 4 | digits[$0 + 1] }
    }
}
