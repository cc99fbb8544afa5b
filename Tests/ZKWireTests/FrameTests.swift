import NIOCore
import Testing
import ZKWire

@Suite struct FrameTests {
    @Test func waitsUntilTheFrameIsWhole() throws {
        var whole = ByteBuffer()
        Frame.write(to: &whole) { $0.writeBytes([1, 2, 3]) }
        Frame.write(to: &whole) { _ in }
        let bytes = Array(whole.readableBytesView)
        #expect(bytes == [0, 0, 0, 3, 1, 2, 3, 0, 0, 0, 0])
        for length in 0..<7 {
            var part = ByteBuffer(bytes: bytes[..<length])
            #expect(try Frame.cut(from: &part, bytesMax: 100) == nil)
            #expect(part.readableBytes == length)
        }
        #expect(try Frame.cut(from: &whole, bytesMax: 100) == ByteBuffer(bytes: [1, 2, 3]))
        #expect(try Frame.cut(from: &whole, bytesMax: 100)?.readableBytes == 0)
        #expect(try Frame.cut(from: &whole, bytesMax: 100) == nil)
    }

    @Test func limitIsInclusive() throws {
        var buffer = ByteBuffer(bytes: [0, 0, 0, 2, 9, 9])
        #expect(throws: FrameError(length: 2, bytesMax: 1)) { try Frame.cut(from: &buffer, bytesMax: 1) }
        #expect(try Frame.cut(from: &buffer, bytesMax: 2)?.readableBytes == 2)
    }

    @Test(arguments: [-1, Int32.min, Int32.max, 0x656e_7669])
    func refusesALengthBeforeTheBytesArrive(_ length: Int32) {
        var buffer = ByteBuffer(integer: length)
        #expect(throws: FrameError(length: length, bytesMax: Frame.defaultBytesMax)) {
            try Frame.cut(from: &buffer, bytesMax: Frame.defaultBytesMax)
        }
    }

    @Test func errorsSayWhatIsWrong() {
        #expect("\(FrameError(length: -2, bytesMax: 10))".contains("does not speak"))
        #expect("\(FrameError(length: 11, bytesMax: 10))".contains("jute.maxbuffer"))
    }
}
