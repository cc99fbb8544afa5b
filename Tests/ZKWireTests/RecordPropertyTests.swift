import NIOCore
import Support
import Testing
import ZKCore
import ZKWire

@Suite struct RecordPropertyTests {
    @Test(arguments: 1...200 as ClosedRange<UInt64>)
    func everyRecordComesBack(_ seed: UInt64) throws {
        var random = RandomRecords(seed: seed)
        for record in random.all() {
            try expectRoundTrip(record, seed: seed)
        }
    }

    private func expectRoundTrip<Record: JuteRecord & Hashable>(_ record: Record, seed: UInt64) throws {
        var buffer = ByteBuffer()
        record.encode(into: &buffer)
        let bytes = Array(buffer.readableBytesView)
        let decoded = try Record(decoding: &buffer)
        #expect(decoded == record, "\(Record.self), seed \(seed)")
        #expect(buffer.readableBytes == 0, "\(Record.self), seed \(seed)")
        var again = ByteBuffer()
        decoded.encode(into: &again)
        #expect(Array(again.readableBytesView) == bytes)
    }

    /// A shorter record is never taken for a whole one: the decoder throws, and leaves the buffer as it was. Only the
    /// handshakes may end early, before their last byte.
    @Test(arguments: 1...10 as ClosedRange<UInt64>)
    func everyTruncationThrows(_ seed: UInt64) {
        var random = RandomRecords(seed: seed)
        for record in random.all() {
            expectTruncationsThrow(record, seed: seed)
        }
    }

    private func expectTruncationsThrow<Record: JuteRecord & Hashable>(_ record: Record, seed: UInt64) {
        var whole = ByteBuffer()
        record.encode(into: &whole)
        let mayEndEarly =
            (record as? ConnectRequest)?.readOnly != nil || (record as? ConnectResponse)?.readOnly != nil
        for length in 0..<whole.readableBytes {
            var part = whole.getSlice(at: 0, length: length)!
            if mayEndEarly, length == whole.readableBytes - 1 {
                #expect(throws: Never.self) { try Record(decoding: &part) }
            } else {
                #expect(throws: JuteError.truncated, "\(Record.self), \(length) bytes, seed \(seed)") {
                    try Record(decoding: &part)
                }
                #expect(part.readerIndex == 0)
            }
        }
    }

    /// Any byte may have any value: the decoder throws, or the record it gives encodes to what it was read from, but
    /// for what jute itself does not keep.
    @Test(arguments: 1...4 as ClosedRange<UInt64>)
    func noWrongByteTraps(_ seed: UInt64) {
        var random = RandomRecords(seed: seed)
        for record in random.all() {
            flipEveryByte(of: record)
        }
    }

    private func flipEveryByte<Record: JuteRecord & Hashable>(of record: Record) {
        var whole = ByteBuffer()
        record.encode(into: &whole)
        for index in 0..<whole.readableBytes {
            let original = whole.getInteger(at: index, as: UInt8.self)!
            for value in Set<UInt8>([0, 1, 0x7f, 0x80, 0xff, original ^ 1, original ^ 0x40]) {
                whole.setInteger(value, at: index)
                var copy = whole
                if let decoded = try? Record(decoding: &copy) {
                    var again = ByteBuffer()
                    decoded.encode(into: &again)
                    #expect((try? Record(decoding: &again)) == decoded, "\(Record.self)")
                }
            }
            whole.setInteger(original, at: index)
        }
    }

    @Test func randomBytesNeverTrap() {
        var random = SeededGenerator(seed: 3)
        var records = RandomRecords(seed: 3)
        let types = records.all().map { type(of: $0) as any JuteRecord.Type }
        for _ in 0..<3_000 {
            let count = Int.random(in: 0...80, using: &random)
            let bytes = (0..<count).map { _ in
                [0, 0, 0, 1, 4, 0xff, .random(in: 0...255, using: &random)].randomElement(using: &random)! as UInt8
            }
            for type in types {
                var buffer = ByteBuffer(bytes: bytes)
                _ = try? type.init(decoding: &buffer)
            }
        }
    }
}
