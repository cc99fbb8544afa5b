public import ZKCore

/// Reads jute primitives from bytes that somebody else owns, from the front to the back.
///
/// Big-endian, no tags, no padding. Never traps, whatever the bytes. The reader must not outlive the closure that
/// lent it the bytes. Source: `BinaryInputArchive`.
public struct JuteReader {
    /// The longest string or buffer that is accepted: `jute.maxbuffer` and its extra size, both at their defaults.
    public static let defaultLengthMax = 2 * 0xfffff

    @usableFromInline let bytes: UnsafeRawBufferPointer
    /// The offset of the next byte.
    public private(set) var position: Int
    @usableFromInline let lengthMax: Int

    public init(_ bytes: UnsafeRawBufferPointer, lengthMax: Int = JuteReader.defaultLengthMax) {
        self.bytes = bytes
        self.position = 0
        self.lengthMax = lengthMax
    }

    public var remaining: Int { bytes.count - position }

    public mutating func readInt8() throws(JuteError) -> Int8 {
        try readInteger(as: Int8.self)
    }

    /// Any byte but 0 is true.
    public mutating func readBool() throws(JuteError) -> Bool {
        try readInteger(as: Int8.self) != 0
    }

    public mutating func readInt32() throws(JuteError) -> Int32 {
        try readInteger(as: Int32.self)
    }

    public mutating func readInt64() throws(JuteError) -> Int64 {
        try readInteger(as: Int64.self)
    }

    public mutating func readZxid() throws(JuteError) -> Zxid {
        Zxid(rawValue: try readInt64())
    }

    private mutating func readInteger<T: FixedWidthInteger>(as type: T.Type) throws(JuteError) -> T {
        guard remaining >= MemoryLayout<T>.size else { throw .truncated }
        let value = T(bigEndian: bytes.loadUnaligned(fromByteOffset: position, as: T.self))
        position += MemoryLayout<T>.size
        return value
    }

    /// Goes past `expected` if that is what comes next, and is not empty.
    public mutating func skip(_ expected: [UInt8]) -> Bool {
        guard !expected.isEmpty, remaining >= expected.count,
            expected.withUnsafeBytes({ $0.elementsEqual(bytes[position..<position + $0.count]) })
        else { return false }
        position += expected.count
        return true
    }

    /// A copy of the bytes from here to where `later`, which went on from here, is.
    public func bytesRead(upTo later: JuteReader) -> [UInt8] {
        [UInt8](bytes[position..<later.position])
    }

    /// A buffer or string in place, without a copy; nil when it is null.
    public mutating func readBytesInPlace() throws(JuteError) -> UnsafeRawBufferPointer? {
        let length = try readInt32()
        if length == -1 { return nil }
        guard length >= 0, Int(length) <= lengthMax else { throw .unreasonableLength(length) }
        guard Int(length) <= remaining else { throw .truncated }
        let slice = UnsafeRawBufferPointer(rebasing: bytes[position..<position + Int(length)])
        position += Int(length)
        return slice
    }

    public mutating func readBuffer() throws(JuteError) -> [UInt8]? {
        guard let slice = try readBytesInPlace() else { return nil }
        return [UInt8](slice)
    }

    public mutating func readOptionalString() throws(JuteError) -> UString? {
        guard let slice = try readBytesInPlace() else { return nil }
        return UString(bytes: [UInt8](slice))
    }

    public mutating func readString() throws(JuteError) -> UString {
        guard let string = try readOptionalString() else { throw .unexpectedNull }
        return string
    }

    /// A vector; a negative count reads as none. Nothing is reserved beyond what the bytes can hold.
    ///
    /// - Parameter elementBytesMin: the fewest bytes that an element takes.
    public mutating func readVector<Element>(
        elementBytesMin: Int = 4, _ readElement: (inout JuteReader) throws(JuteError) -> Element
    ) throws(JuteError) -> [Element] {
        let count = try readInt32()
        guard count > 0 else { return [] }
        guard Int(count) <= remaining / elementBytesMin else { throw .truncated }
        var elements: [Element] = []
        elements.reserveCapacity(Int(count))
        for _ in 0..<count {
            elements.append(try readElement(&self))
        }
        return elements
    }

    /// Like ``readVector(elementBytesMin:_:)``, but tells a null vector (count -1) from an empty one.
    public mutating func readOptionalVector<Element>(
        elementBytesMin: Int = 4, _ readElement: (inout JuteReader) throws(JuteError) -> Element
    ) throws(JuteError) -> [Element]? {
        var ahead = self
        if try ahead.readInt32() == -1 {
            self = ahead
            return nil
        }
        return try readVector(elementBytesMin: elementBytesMin, readElement)
    }

    public mutating func readStrings() throws(JuteError) -> [UString] {
        try readVector { (reader) throws(JuteError) in try reader.readString() }
    }
}
