import NIOCore
import StoreSupport
import Support
import Testing
import ZKCore

@testable import ZKStore

/// Bytes of a disk never trap: each is either read as what was written, or refused.
@Suite(.timeLimit(.minutes(10))) struct DamageTests {
    static func file(_ bytes: [UInt8]) throws -> any OpenFile {
        let file = try SimulatedDisk(seed: 0).create("/file")
        try file.write(bytes, at: 0)
        return file
    }

    static func fixture(_ path: String) throws -> [UInt8] { try Fixtures.bytes("datadirs/\(path)") }

    /// The txns that can be read, and whether the log was refused.
    static func read(_ bytes: [UInt8]) throws -> (txns: [LoggedTxn], error: StoreError?) {
        var txns: [LoggedTxn] = []
        do throws(StoreError) {
            let file = try! file(bytes)
            guard try !TxnLogReader.isUnwritten(file) else { return ([], nil) }
            var reader = try TxnLogReader(file: file)
            while let txn = try reader.next() { txns.append(txn) }
            _ = try reader.end()
            return (txns, nil)
        } catch {
            return (txns, error)
        }
    }

    @Test func everyTruncationOfALogGivesAPrefix() throws {
        let bytes = try Self.fixture("no-padding/version-2/log.1")
        let all = try Self.read(bytes).txns
        #expect(all.count > 60)
        var counts: Set<Int> = []
        for length in 0..<bytes.count {
            let (txns, error) = try Self.read(Array(bytes[..<length]))
            #expect(error == nil, "\(length)")
            #expect(all.starts(with: txns))
            counts.insert(txns.count)
        }
        #expect(counts.count == all.count)
    }

    @Test func everyFlippedBitOfALogIsRefusedOrCutsATail() throws {
        let bytes = try Self.fixture("no-padding/version-2/log.1")
        let all = try Self.read(bytes).txns
        var refused = 0
        // The version and the dbid of the header are not looked at, as by Apache ZooKeeper.
        for offset in Array(0..<4) + Array(16..<bytes.count) {
            for bit in [0, 3, 7] {
                var damaged = bytes
                damaged[offset] ^= 1 << bit
                let (txns, error) = try Self.read(damaged)
                #expect(all.starts(with: txns), "byte \(offset)")
                #expect(error != nil || txns.count < all.count, "byte \(offset), bit \(bit)")
                refused += error == nil ? 0 : 1
            }
        }
        // What is taken for a torn tail is within the last record.
        #expect(refused > (bytes.count - 16) * 3 * 97 / 100)
    }

    /// Damage of one byte in the midst of a log that goes on behind it is never taken for its end.
    @Test func aFlippedBitInTheMiddleIsRefused() throws {
        var bytes = try Self.fixture("no-padding/version-2/log.1")
        let end = bytes.count
        bytes += [UInt8](repeating: 0, count: 65536)
        for offset in 16..<(end - 200) {
            var damaged = bytes
            damaged[offset] ^= 0x10
            let (_, error) = try Self.read(damaged)
            #expect(error?.kind == .damaged, "byte \(offset)")
        }
    }

    static func snapshot(_ bytes: [UInt8]) throws -> StoreError? {
        let file = try file(bytes)
        do throws(StoreError) {
            var tree = ModelTree()
            _ = try SnapshotReader.read(file, compression: .none, into: &tree)
            return nil
        } catch {
            return error
        }
    }

    @Test func everyTruncationOfASnapshotIsRefused() throws {
        let bytes = try Self.fixture("snapshot-only/version-2/snapshot.3e")
        #expect(try Self.snapshot(bytes) == nil)
        var whole: [Int] = []
        for length in 0..<bytes.count where try Self.snapshot(Array(bytes[..<length])) == nil {
            whole.append(length)
        }
        // Where a server before 3.6, and one before 3.9, ends.
        #expect(whole == [bytes.count - 2 * 13 - 20 - 8 + 13 - 13, bytes.count - 13 - 8])
    }

    @Test func everyFlippedByteOfASnapshotIsRefused() throws {
        let bytes = try Self.fixture("snapshot-only/version-2/snapshot.3e")
        for offset in 0..<bytes.count {
            var damaged = bytes
            damaged[offset] ^= 0x41
            #expect(try Self.snapshot(damaged)?.kind == .damaged, "byte \(offset)")
        }
    }

    @Test(arguments: [SnapshotCompression.gzip, .snappy]) func aPackedSnapshotIsReadOrRefused(
        _ compression: SnapshotCompression
    ) throws {
        let bytes = try Self.fixture(
            "snapshot-\(compression.rawValue == "gz" ? "gzip" : "snappy")/version-2/"
                + (compression == .gzip ? "snapshot.3e.gz" : "snapshot.3e.snappy"))
        var expected = ModelTree()
        _ = try SnapshotReader.read(try Self.file(bytes), compression: compression, into: &expected)
        var refused = 0
        for offset in 0..<bytes.count {
            var damaged = bytes
            damaged[offset] ^= 0x41
            // Some bytes say nothing, such as the time in the header of gzip, and some the same: a copy out of a run of
            // zeros. What is read has the checksum of what was written.
            let file = try Self.file(damaged)
            do throws(StoreError) {
                var tree = ModelTree()
                _ = try SnapshotReader.read(file, compression: compression, into: &tree)
                #expect(tree == expected, "byte \(offset)")
            } catch {
                #expect(error.kind == .damaged)
                refused += 1
            }
        }
        #expect(refused > bytes.count * 9 / 10)
    }

    @Test func randomBytesAreRefused() throws {
        var generator = SeededGenerator(seed: 99)
        for _ in 0..<3000 {
            var log = TxnLog.fileHeader
            log += (0..<Int.random(in: 1...300, using: &generator)).map { _ in .random(in: 0...3, using: &generator) }
            _ = try Self.read(log)
            let payload = (0..<Int.random(in: 0...120, using: &generator)).map { _ -> UInt8 in
                Bool.random(using: &generator) ? .random(in: 0...22, using: &generator) : 0
            }
            payload.withUnsafeBytes { bytes in _ = try? TxnRecord.decode(payload: bytes) }
            let block = (0..<Int.random(in: 0...60, using: &generator)).map { _ -> UInt8 in
                .random(in: 0...255, using: &generator)
            }
            if let unpacked = SnappyBlock.unpack(block, bytesMax: 1000) { #expect(unpacked.count <= 1000) }
        }
    }

    @Test func snappyElementsAreUnpacked() {
        // A literal, an overlapping copy with one byte of offset, one with two, one with four.
        let packed: [UInt8] = [21, 2 << 2, 1, 2, 3, 1 | 2 << 2, 3, 2 | 4 << 2, 2, 0, 3 | 6 << 2, 1, 0, 0, 0]
        let expected: [UInt8] = [1, 2, 3, 1, 2, 3, 1, 2, 3] + [2, 3, 2, 3, 2] + [UInt8](repeating: 2, count: 7)
        #expect(SnappyBlock.unpack(packed, bytesMax: 100) == expected)
        #expect(SnappyBlock.unpack(packed, bytesMax: 20) == nil)
        #expect(SnappyBlock.unpack([4, 1, 9], bytesMax: 100) == nil)
    }

    // MARK: Long records

    /// What was acknowledged is read back, whatever limit holds now.
    @Test func aRecordOfAnyLengthIsRead() throws {
        for dataBytes in [3 << 20, 20 << 20] {
            var bytes = TxnLog.fileHeader
            bytes += TxnLogTests.record(1, dataBytes: dataBytes).readableBytesView
            bytes += TxnLogTests.record(2).readableBytesView
            let (txns, error) = try Self.read(bytes)
            #expect(error == nil)
            #expect(txns.map(\.header.zxid.rawValue) == [1, 2])
        }
    }

    /// It is longer than what a writer leaves unsynced of shorter ones.
    @Test func aLongRecordThatWasCutIsATornWrite() throws {
        let head = TxnLog.fileHeader + TxnLogTests.record(1).readableBytesView
        let long = Array(TxnLogTests.record(2, dataBytes: 20 << 20).readableBytesView)
        for length in [12, 5000, 18 << 20, long.count - 1] {
            for room in [0, 4096, 4 << 20] {
                let bytes = head + long[..<length] + [UInt8](repeating: 0, count: room)
                let (txns, error) = try Self.read(bytes)
                #expect(error == nil, "\(length) bytes, \(room) of room")
                #expect(txns.map(\.header.zxid.rawValue) == [1])
            }
        }
    }

    /// A length that reaches over whole records is damage, however long.
    @Test func aWrongLengthThatReachesOverRecordsIsDamage() throws {
        var bytes = TxnLog.fileHeader
        for zxid in 1...5 as ClosedRange<Int64> { bytes += TxnLogTests.record(zxid).readableBytesView }
        let second = TxnLog.fileHeaderBytes + TxnLogTests.record(1).readableBytes
        for byte in 8..<11 {
            var damaged = bytes
            damaged[second + byte] = 0x7F
            let (txns, error) = try Self.read(damaged)
            #expect(error?.kind == .damaged)
            #expect(error?.offset == Int64(second))
            #expect(txns.count == 1)
        }
    }
}
