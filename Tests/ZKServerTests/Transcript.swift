import Foundation
import Support
import Testing

/// A recorded conversation with an Apache server, and its replay against ours.
///
/// What each client sent is sent again, in lock-step; what the server answered must be answered again, byte for byte,
/// but for session IDs, passwords and times, which differ from run to run.
struct Transcript {
    struct Line: Decodable {
        var i: Int
        var conn: Int?
        var dir: String?
        var hex: String?
        var what: String?
        var note: String?
        var close: String?
    }

    let name: String
    let lines: [Line]

    init(_ name: String) throws {
        self.name = name
        let text = String(decoding: try Fixtures.bytes("wire/\(name).jsonl"), as: UTF8.self)
        lines = try text.split(separator: "\n").map { try JSONDecoder().decode(Line.self, from: Data($0.utf8)) }
    }

    /// Session IDs and passwords of the recording, and what they are now.
    final class Mapping {
        var pairs: [(recorded: [UInt8], actual: [UInt8])] = []

        func toActual(_ bytes: [UInt8]) -> [UInt8] {
            pairs.reduce(bytes) { $0.replacing($1.recorded, with: $1.actual) }
        }

        func toRecorded(_ bytes: [UInt8]) -> [UInt8] {
            pairs.reduce(bytes) { $0.replacing($1.actual, with: $1.recorded) }
        }

        /// Learns from a connect response: the ID at byte 12, the password at byte 24 of the frame.
        func learn(recorded: [UInt8], actual: [UInt8]) {
            guard recorded.count == actual.count, recorded.count >= 40, recorded[12..<20].contains(where: { $0 != 0 })
            else { return }
            for range in [12..<20, 24..<40] where !pairs.contains(where: { $0.recorded == Array(recorded[range]) }) {
                pairs.append((Array(recorded[range]), Array(actual[range])))
            }
        }
    }

    /// - Parameters:
    ///   - skipping: lines that are known to differ, with the reason for it.
    ///   - before: what was done before a line and not recorded.
    func replay(
        port: Int, mapping: Mapping = Mapping(), skipping: [Int: String] = [:],
        before: [Int: ([Int: RawClient]) throws -> Void] = [:]
    ) throws {
        var clients: [Int: RawClient] = [:]
        var errorContext = 0
        defer { if errorContext != lines.last?.i { Issue.record("\(name) stopped at line \(errorContext)") } }
        for line in lines {
            errorContext = line.i
            try before[line.i]?(clients)
            guard let number = line.conn, skipping[line.i] == nil else { continue }
            if line.close == "server" {
                let frame = try clients[number]?.receiveFrame()
                #expect(frame == nil, "\(name):\(line.i): the server should have closed connection \(number)")
                clients[number] = nil
            } else if line.close == "client" {
                clients[number]?.close()
                clients[number] = nil
            } else if let hex = line.hex {
                let recorded = [UInt8](hex: hex)
                if line.dir == "c>s" {
                    if clients[number] == nil { clients[number] = try RawClient(port: port) }
                    try clients[number]?.send(mapping.toActual(recorded))
                } else {
                    try expect(recorded, from: clients[number], line: line, mapping: mapping)
                }
            }
        }
    }

    private func expect(_ recorded: [UInt8], from client: RawClient?, line: Line, mapping: Mapping) throws {
        guard let actual = try client?.receiveFrame() else {
            Issue.record("\(name):\(line.i): the connection ended instead of: \(line.what ?? "")")
            return
        }
        if line.what?.hasPrefix("ConnectResponse") == true || recorded.count == 41 && recorded[7] == 0 {
            mapping.learn(recorded: recorded, actual: actual)
        }
        let expected = maskingTimes(recorded, recorded)
        let got = maskingTimes(mapping.toRecorded(actual), recorded)
        let isList = line.what?.contains("(getChildren") == true || line.what?.contains("(whoAmI") == true
        let matches = isList ? expected.sorted() == got.sorted() : expected == got
        #expect(matches, "\(name):\(line.i): \(line.what ?? "")\nexpected \(expected.hex)\ngot      \(got.hex)")
    }

    /// Puts zeros where the recording has a time of its day.
    private func maskingTimes(_ bytes: [UInt8], _ recorded: [UInt8]) -> [UInt8] {
        guard bytes.count == recorded.count else { return bytes }
        var masked = bytes
        let prefix: [UInt8] = [0x00, 0x00, 0x01, 0xA1, 0xFB]
        var index = 0
        while index + 8 <= recorded.count {
            if Array(recorded[index..<(index + 5)]) == prefix {
                for offset in index..<(index + 8) { masked[offset] = 0 }
                index += 8
            } else {
                index += 1
            }
        }
        return masked
    }
}
