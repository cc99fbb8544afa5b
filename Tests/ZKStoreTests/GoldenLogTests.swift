import Foundation
import NIOCore
import StoreSupport
import Support
import Testing
import ZKCore

@testable import ZKStore

/// The logs of real servers, record by record.
@Suite(.timeLimit(.minutes(10))) struct GoldenLogTests {
    static let readable = GoldenLog.all.filter { !["short header", "bad magic"].contains($0.endReason) }
    static let raw: TxnLogReaderOptions = {
        var options = TxnLogReaderOptions()
        options.normalizing = false
        return options
    }()

    @Test func fixturesAreThere() {
        #expect(GoldenLog.all.count >= 30)
        #expect(GoldenLog.all.contains { $0.directory == "all-txns" && $0.records.count > 60 })
    }

    @Test(arguments: readable) func readsEveryRecordAndEncodesTheSameBytes(_ log: GoldenLog) throws {
        let file = try PosixFileSystem().open(log.url.path(percentEncoded: false), for: .reading)
        let bytes = try file.readAll()
        var reader = try TxnLogReader(file: file, options: Self.raw)
        for record in log.records {
            guard let expected = record.logged, expected.header.type != .check else {
                // Damaged on purpose, or a type that stands within multis only.
                let error = #expect(throws: StoreError.self) { try Self.next(&reader) }
                #expect(error?.kind == .damaged)
                #expect(error?.offset == record.offset)
                return
            }
            let logged = try #require(try reader.next())
            #expect(reader.recordOffset == record.offset)
            #expect(reader.position == record.offset + record.length)
            if !record.isAbridged { #expect(logged == expected) }
            var encoded = ByteBuffer()
            TxnRecord.encode(header: logged.header, txn: logged.txn, digest: logged.digest, into: &encoded)
            #expect(Array(encoded.readableBytesView) == Array(bytes[Int(record.offset)...].prefix(Int(record.length))))
        }
        if log.directory.hasPrefix("bad-length") {
            let error = #expect(throws: StoreError.self) { try Self.next(&reader) }
            #expect(error?.offset == log.endOffset)
        } else {
            #expect(try reader.next() == nil)
            #expect(reader.position == log.endOffset)
        }
    }

    /// What `#expect(throws:)` cannot do itself: its closure must not capture a value that cannot be copied.
    private static func next(_ reader: inout TxnLogReader) throws -> LoggedTxn? { try reader.next() }

    @Test func skipsWithoutLosingItsPlace() throws {
        let log = try #require(GoldenLog.all.first { $0.directory == "all-txns" })
        let file = try PosixFileSystem().open(log.url.path(percentEncoded: false), for: .reading)
        var reader = try TxnLogReader(file: file)
        let from = Zxid(rawValue: 0x30)
        let first = try #require(try reader.next(from: from))
        #expect(first.header.zxid == from)
        #expect(reader.recordOffset == log.records.first { $0.logged?.header.zxid == from }?.offset)
    }

    @Test(arguments: [("all-txns", true), ("no-padding", true), ("torn-tail", false), ("torn-header", false)])
    func tellsRoomTakenInAdvanceFromATornWrite(directory: String, isClean: Bool) throws {
        let log = try #require(GoldenLog.all.first { $0.directory == directory })
        var reader = try TxnLogReader(
            file: try PosixFileSystem().open(log.url.path(percentEncoded: false), for: .reading))
        while try reader.next() != nil {}
        switch try reader.end() {
        case .clean: #expect(isClean)
        case .torn(let offset, let bytes, _):
            #expect(!isClean)
            #expect(offset == log.endOffset)
            // Up to the last byte that is not zero.
            #expect(bytes == (directory == "torn-tail" ? 66 : 8))
        }
    }

    @Test func missingEndByteIsATornWrite() throws {
        let log = try #require(GoldenLog.all.first { $0.directory == "torn-missing-eor" })
        var reader = try TxnLogReader(
            file: try PosixFileSystem().open(log.url.path(percentEncoded: false), for: .reading))
        while try reader.next() != nil {}
        guard case .torn(let offset, _, _) = try reader.end() else {
            Issue.record("not torn")
            return
        }
        #expect(offset == log.endOffset)
    }

    @Test func surrogateHalvesComeOutAsJavaReadsThem() throws {
        let log = try #require(GoldenLog.all.first { $0.directory == "acls" })
        var reader = try TxnLogReader(
            file: try PosixFileSystem().open(log.url.path(percentEncoded: false), for: .reading))
        let create = try #require(try reader.next(from: Zxid(rawValue: 0x2b)))
        guard case .create(let body) = create.txn else {
            Issue.record("not a create")
            return
        }
        #expect(body.path == "/emoji")
        #expect(body.acl?.first?.identity.id == "\u{FFFD}\u{FFFD}:x")
    }
}
