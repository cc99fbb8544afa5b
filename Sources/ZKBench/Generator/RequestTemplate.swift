internal import NIOCore
internal import ZKCore
internal import ZKWire

/// The bytes of a request's frame, made once: sending it is a copy, the xid, and at most one number.
struct RequestTemplate {
    /// The digits of a number within a name or within data.
    static let digitCount = 10

    private let frame: [UInt8]
    /// Where ten digits of the request's number go.
    private let digitsOffset: Int?

    /// - Parameter marksNumber: the frame holds one run of ten `#` for the digits.
    init(_ type: OpCode, marksNumber: Bool = false, _ body: some JuteRecord) {
        var buffer = ByteBuffer()
        Frame.write(to: &buffer) {
            RequestHeader(xid: 0, type: type).encode(into: &$0)
            body.encode(into: &$0)
        }
        let bytes = Array(buffer.readableBytesView)
        frame = bytes
        let marks = [UInt8](repeating: UInt8(ascii: "#"), count: Self.digitCount)
        digitsOffset = marksNumber ? bytes.indices.first { bytes[$0...].starts(with: marks) } : nil
    }

    func write(xid: Int32, number: Int, into buffer: inout ByteBuffer) {
        buffer.writeWithUnsafeMutableBytes(minimumWritableBytes: frame.count) { target in
            frame.withUnsafeBytes { target.copyMemory(from: $0) }
            target.storeBytes(of: xid.bigEndian, toByteOffset: 4, as: Int32.self)
            if let digitsOffset {
                var rest = number
                for index in (digitsOffset..<digitsOffset + Self.digitCount).reversed() {
                    target[index] = UInt8(ascii: "0") + UInt8(truncatingIfNeeded: rest % 10)
                    rest /= 10
                }
            }
            return frame.count
        }
    }
}
