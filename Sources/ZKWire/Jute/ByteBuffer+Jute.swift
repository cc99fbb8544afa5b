public import NIOCore
public import ZKCore

/// Writes jute primitives. Source: `BinaryOutputArchive`.
extension ByteBuffer {
    public mutating func writeJute(_ value: Bool) {
        writeInteger(value ? 1 : 0, as: UInt8.self)
    }

    public mutating func writeJute(_ value: Int32) {
        writeInteger(value)
    }

    public mutating func writeJute(_ value: Int64) {
        writeInteger(value)
    }

    public mutating func writeJute(_ zxid: Zxid) {
        writeInteger(zxid.rawValue)
    }

    /// A buffer: its length and its bytes; -1 for null.
    public mutating func writeJute(_ bytes: [UInt8]?) {
        guard let bytes else {
            writeInteger(-1, as: Int32.self)
            return
        }
        writeInteger(Int32(bytes.count))
        writeBytes(bytes)
    }

    public mutating func writeJute(_ string: UString?) {
        writeJute(string?.bytes)
    }

    public mutating func writeJute(_ strings: [UString]) {
        writeJuteVector(strings) { $0.writeJute($1) }
    }

    public mutating func writeJuteVector<Element>(
        _ elements: [Element]?, _ write: (inout ByteBuffer, Element) -> Void
    ) {
        guard let elements else {
            writeInteger(-1, as: Int32.self)
            return
        }
        writeInteger(Int32(elements.count))
        for element in elements {
            write(&self, element)
        }
    }
}
