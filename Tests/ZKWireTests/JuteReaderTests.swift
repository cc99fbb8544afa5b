import NIOCore
import Testing
import ZKCore
import ZKWire

@Suite struct JuteReaderTests {
    private func read<Value>(
        _ bytes: [UInt8], lengthMax: Int = JuteReader.defaultLengthMax,
        _ body: (inout JuteReader) throws(JuteError) -> Value
    ) throws(JuteError) -> Value {
        let result = bytes.withUnsafeBytes { pointer in
            var reader = JuteReader(pointer, lengthMax: lengthMax)
            do throws(JuteError) {
                return Result<Value, JuteError>.success(try body(&reader))
            } catch {
                return .failure(error)
            }
        }
        return try result.get()
    }

    @Test func readsBigEndianNumbers() throws {
        #expect(try read([0x80, 0, 0, 1]) { (r) throws(JuteError) in try r.readInt32() } == Int32.min + 1)
        #expect(
            try read([0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xfe]) { (r) throws(JuteError) in try r.readInt64() }
                == -2)
        #expect(try read([2]) { (r) throws(JuteError) in try r.readBool() }, "any byte but 0 is true")
        #expect(try !read([0]) { (r) throws(JuteError) in try r.readBool() })
    }

    @Test(
        arguments: [
            ([0x7f, 0xff, 0xff, 0xff], .unreasonableLength(.max)), ([0x80, 0, 0, 0], .unreasonableLength(.min)),
            ([0xff, 0xff, 0xff, 0xfe], .unreasonableLength(-2)),
            ([0, 0x1f, 0xff, 0xff], .unreasonableLength(0x1f_ffff)),
            ([0, 0x1f, 0xff, 0xfe], .truncated), ([0, 0, 0, 1], .truncated), ([0, 0, 0], .truncated), ([], .truncated),
        ] as [([UInt8], JuteError)])
    func refusesUnreasonableLengths(_ bytes: [UInt8], _ error: JuteError) {
        #expect(throws: error) { try read(bytes) { (r) throws(JuteError) in try r.readBuffer() } }
        #expect(throws: error) { try read(bytes) { (r) throws(JuteError) in try r.readString() } }
    }

    @Test func limitIsTheCallers() throws {
        let bytes: [UInt8] = [0, 0, 0, 2, 65, 66]
        #expect(try read(bytes, lengthMax: 2) { (r) throws(JuteError) in try r.readBuffer() } == [65, 66])
        #expect(throws: JuteError.unreasonableLength(2)) {
            try read(bytes, lengthMax: 1) { (r) throws(JuteError) in try r.readBuffer() }
        }
    }

    @Test func nullAndEmptyDiffer() throws {
        let null: [UInt8] = [0xff, 0xff, 0xff, 0xff]
        #expect(try read(null) { (r) throws(JuteError) in try r.readBuffer() } == nil)
        #expect(try read([0, 0, 0, 0]) { (r) throws(JuteError) in try r.readBuffer() } == [])
        #expect(throws: JuteError.unexpectedNull) { try read(null) { (r) throws(JuteError) in try r.readString() } }
        #expect(try read(null) { (r) throws(JuteError) in try r.readOptionalACLs() } == nil)
        #expect(try read([0, 0, 0, 0]) { (r) throws(JuteError) in try r.readOptionalACLs() } == [])
    }

    /// A count is believed only as far as the bytes behind it can hold so many: no allocation before that.
    @Test(arguments: [Int32.max, 0x7fff_fff0, 1_000_000, 3])
    func hugeCountsThrowAtOnce(_ count: Int32) {
        var buffer = ByteBuffer(integer: count)
        buffer.writeBytes([UInt8](repeating: 0, count: 8))
        #expect(throws: JuteError.truncated) {
            try read(Array(buffer.readableBytesView)) { (r) throws(JuteError) in try r.readStrings() }
        }
        #expect(throws: JuteError.truncated) {
            try read(Array(buffer.readableBytesView)) { (r) throws(JuteError) in try r.readACLs() }
        }
        var whoAmI = buffer
        #expect(throws: JuteError.truncated) { try WhoAmIResponse(decoding: &whoAmI) }
    }

    @Test(arguments: [-1, -2, Int32.min])
    func negativeCountsAreEmpty(_ count: Int32) throws {
        var buffer = ByteBuffer(integer: count)
        #expect(try GetChildrenResponse(decoding: &buffer).children == [])
    }

    @Test(
        arguments: [("auth", nil), ("world", .unexpectedNull), ("digest", .unexpectedNull), ("", .unexpectedNull)]
            as [(UString, JuteError?)])
    func onlyTheSchemeAuthMayGoWithoutAnID(_ scheme: UString, _ error: JuteError?) throws {
        var buffer = ByteBuffer(integer: Int32(31))
        buffer.writeJute(scheme)
        buffer.writeJute(nil as UString?)
        let bytes = Array(buffer.readableBytesView)
        let result = Result { try read(bytes) { (r) throws(JuteError) in try r.readACL() } }
        if let error {
            #expect(throws: error) { try result.get() }
        } else {
            #expect(try result.get() == ACL(perms: .all, identity: .authenticated))
        }
    }

    @Test func stringsKeepBytesThatAreNotUTF8() throws {
        let bytes: [UInt8] = [0, 0, 0, 3, 0xff, 0, 0xed]
        let string = try read(bytes) { (r) throws(JuteError) in try r.readString() }
        #expect(string.bytes == [0xff, 0, 0xed])
    }
}

@Suite struct JavaStringTests {
    @Test(
        arguments: [
            ([], []), ([0x2f, 0x61], [0x2f, 0x61]), ([0xc3, 0xa9], [0xc3, 0xa9]),
            // A supplementary character leaves Java as two surrogates.
            ([0xf0, 0x9f, 0x98, 0x80], [0xed, 0xa0, 0xbd, 0xed, 0xb8, 0x80]),
            // A byte that is not UTF-8 becomes U+FFFD.
            ([0x61, 0xff], [0x61, 0xef, 0xbf, 0xbd]),
        ] as [([UInt8], [UInt8])])
    func isWhatJavaWouldWrite(_ bytes: [UInt8], _ expected: [UInt8]) {
        #expect(JavaString.normalized(bytes) == expected)
    }
}
