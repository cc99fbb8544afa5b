import Foundation
import NIOCore
import StoreSupport
import Support
import Testing
import ZKCore

@testable import ZKStore

/// Files of real servers, changed at random: whatever they are then, they are read or refused, and nothing traps.
///
/// `make fuzz` lets each of these run for longer, with another seed each time.
@Suite(.timeLimit(.minutes(30))) struct MutationTests {
    private static let seconds = ProcessInfo.processInfo.environment["ZOOSH_TEST_FUZZ_SECONDS"].flatMap(Double.init)
    /// Where the input is kept while it is tried, in long runs: a trap ends the process.
    private static let inputDirectory = ProcessInfo.processInfo.environment["ZOOSH_TEST_FUZZ_DIRECTORY"]

    /// Files of the recorded directories below a size, by the beginning of their names.
    private static func corpus(_ prefix: String) throws -> [[UInt8]] {
        let root = Fixtures.url("datadirs").path(percentEncoded: false)
        let names = try FileManager.default.subpathsOfDirectory(atPath: root).sorted()
        let files = names.filter { $0.split(separator: "/").last?.hasPrefix(prefix) == true }
        return try files.compactMap { name in
            // What is behind the last record is room.
            let bytes = try Fixtures.bytes("datadirs/\(name)")
            let end = (bytes.lastIndex { $0 != 0 } ?? -1) + 1
            return end <= 20_000 ? Array(bytes.prefix(end + 32)) : nil
        }
    }

    private static func fuzz(_ name: String, _ corpus: [[UInt8]], _ attempt: ([UInt8]) throws -> Void) throws {
        try #require(!corpus.isEmpty)
        let seed = seconds == nil ? 11 : UInt64.random(in: .min ... .max)
        var random = SeededGenerator(seed: seed)
        let end = ContinuousClock.now + .seconds(seconds ?? 3600)
        var rounds = 0
        while seconds == nil ? rounds < 1500 : ContinuousClock.now < end {
            rounds += 1
            let input = mutated(corpus.randomElement(using: &random)!, corpus, &random)
            if let inputDirectory {
                try Data(input).write(to: URL(fileURLWithPath: "\(inputDirectory)/\(name).input"))
            }
            try attempt(input)
        }
        if seconds != nil { print("\(name): \(rounds) inputs, seed \(seed)") }
    }

    private static func mutated(
        _ bytes: [UInt8], _ corpus: [[UInt8]], _ random: inout SeededGenerator
    ) -> [UInt8] {
        var bytes = bytes
        for _ in 0..<Int.random(in: 1...4, using: &random) where !bytes.isEmpty {
            let offset = Int.random(in: 0..<bytes.count, using: &random)
            let count = min(Int.random(in: 1...64, using: &random), bytes.count - offset)
            switch Int.random(in: 0..<7, using: &random) {
            case 0: bytes[offset] ^= 1 << UInt8.random(in: 0..<8, using: &random)
            case 1: bytes[offset] = [0, 1, 0x7F, 0x80, 0xFF].randomElement(using: &random)!
            case 2:
                // Lengths and counts are where decoders trip.
                let number = [0, 1, -1, Int32.max, .min, 1 << 20, 0x7FFF].randomElement(using: &random)!
                for (index, shift) in [24, 16, 8, 0].enumerated() where offset + index < bytes.count {
                    bytes[offset + index] = UInt8(truncatingIfNeeded: number >> Int32(shift))
                }
            case 3: bytes.removeSubrange(offset..<offset + count)
            case 4: bytes.insert(contentsOf: bytes[offset..<offset + count], at: offset)
            case 5: bytes.removeSubrange(offset...)
            default:
                let other = corpus.randomElement(using: &random)!
                let start = Int.random(in: 0...other.count, using: &random)
                bytes.replaceSubrange(offset..<offset + count, with: other[start...].prefix(count))
            }
        }
        return bytes
    }

    @Test func logs() throws {
        try Self.fuzz("logs", try Self.corpus("log.")) { _ = try DamageTests.read($0) }
    }

    /// With checksums that are right, so that what is within a record is looked at.
    @Test func logsWithRightChecksums() throws {
        try Self.fuzz("records", try Self.corpus("log.")) { input in
            guard input.count > TxnLog.fileHeaderBytes else { return }
            var log = Array(TxnLog.fileHeader)
            var offset = TxnLog.fileHeaderBytes
            while offset + 12 < input.count {
                let length = input[offset + 8..<offset + 12].reduce(0) { $0 << 8 | Int($1) }
                guard length > 0, offset + 12 + length < input.count else { break }
                let payload = Array(input[offset + 12..<offset + 12 + length])
                let checksum = payload.withUnsafeBytes { Adler32.of($0) }
                log += [0, 0, 0, 0] + [24, 16, 8, 0].map { UInt8(truncatingIfNeeded: checksum >> UInt32($0)) }
                log += input[offset + 8..<offset + 12] + payload + [TxnRecord.endOfRecord]
                offset += 12 + length + 1
            }
            _ = try DamageTests.read(log)
        }
    }

    @Test func snapshots() throws {
        try Self.fuzz("snapshots", try Self.corpus("snapshot.").filter { $0.starts(with: Array("ZKSN".utf8)) }) {
            _ = try DamageTests.snapshot($0)
        }
    }

    @Test(arguments: [SnapshotCompression.gzip, .snappy])
    func packedSnapshots(_ compression: SnapshotCompression) throws {
        let packed = try Self.corpus("snapshot.").filter { !$0.starts(with: Array("ZKSN".utf8)) }
        try Self.fuzz("\(compression)", packed) { input in
            let file = try DamageTests.file(input)
            do throws(StoreError) {
                var tree = ModelTree()
                _ = try SnapshotReader.read(file, compression: compression, into: &tree)
            } catch {
                #expect(error.kind == .damaged)
            }
        }
    }
}
