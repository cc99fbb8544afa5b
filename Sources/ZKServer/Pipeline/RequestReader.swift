import ZKCore
import ZKTree
import ZKWire

/// Reads the body of a request in place, with its strings as Java would have them.
///
/// A string that Java would change is copied; the copy lives as long as this reader's owner keeps it.
struct RequestReader {
    var jute: JuteReader
    private let normalized: NormalizedStrings

    init(_ body: UnsafeRawBufferPointer, lengthMax: Int, normalized: NormalizedStrings) {
        jute = JuteReader(body, lengthMax: lengthMax)
        self.normalized = normalized
    }

    @inline(__always)
    mutating func readInt32() throws(JuteError) -> Int32 { try jute.readInt32() }

    @inline(__always)
    mutating func readInt64() throws(JuteError) -> Int64 { try jute.readInt64() }

    @inline(__always)
    mutating func readBool() throws(JuteError) -> Bool { try jute.readBool() }

    @inline(__always)
    mutating func readBuffer() throws(JuteError) -> UnsafeRawBufferPointer? { try jute.readBytesInPlace() }

    /// A path. One that is null breaks the record.
    @inline(__always)
    mutating func readPath() throws(JuteError) -> UnsafeRawBufferPointer {
        guard let path = try readOptionalPath() else { throw .unexpectedNull }
        return path
    }

    @inline(__always)
    mutating func readOptionalPath() throws(JuteError) -> UnsafeRawBufferPointer? {
        guard let path = try jute.readBytesInPlace() else { return nil }
        return isASCII(path) ? path : normalized.normalize(path)
    }

    mutating func readOptionalString() throws(JuteError) -> UString? {
        guard let bytes = try jute.readBytesInPlace() else { return nil }
        return UString(bytes: JavaString.normalized([UInt8](bytes)))
    }

    mutating func readString() throws(JuteError) -> UString {
        guard let string = try readOptionalString() else { throw .unexpectedNull }
        return string
    }

    mutating func readStrings() throws(JuteError) -> [UString] {
        let strings = try jute.readOptionalVector { (reader) throws(JuteError) in try reader.readString() }
        guard let strings else { throw .unexpectedNull }
        return strings.map { UString(bytes: JavaString.normalized($0.bytes)) }
    }

    /// An access control list as it stands, after a look that it is whole.
    mutating func readEncodedACL(
        in body: UnsafeRawBufferPointer, allowsNull: Bool = true
    ) throws(JuteError) -> UnsafeRawBufferPointer {
        let start = jute.position
        let count = try jute.readInt32()
        guard count != -1 || allowsNull else { throw .unexpectedNull }
        var isPlain = count >= 0
        for _ in 0..<max(0, count) {
            _ = try jute.readInt32()
            guard let scheme = try jute.readBytesInPlace() else {
                // No provider has such a scheme, which is found before anybody looks at the ID.
                isPlain = false
                _ = try jute.readBytesInPlace()
                continue
            }
            guard let id = try jute.readBytesInPlace() else {
                // kazoo sends it so: of the scheme auth nobody reads the ID, nor of one that is unknown.
                guard !["world", "digest", "ip", "x509", "sasl"].contains(where: { scheme.elementsEqual($0.utf8) })
                else {
                    throw .unexpectedNull
                }
                isPlain = false
                continue
            }
            if !isASCII(scheme) || !isASCII(id) { isPlain = false }
        }
        let bytes = UnsafeRawBufferPointer(rebasing: body[start..<jute.position])
        return isPlain ? bytes : normalized.normalizeACL(bytes)
    }
}

/// Copies of strings that are not as Java would write them.
final class NormalizedStrings {
    private var copies: [UnsafeMutableRawBufferPointer] = []

    func normalize(_ bytes: UnsafeRawBufferPointer) -> UnsafeRawBufferPointer {
        keep(JavaString.normalized([UInt8](bytes)))
    }

    func normalizeACL(_ bytes: UnsafeRawBufferPointer) -> UnsafeRawBufferPointer {
        var reader = JuteReader(bytes)
        // The list was read once before, so it is whole.
        let list = ((try? reader.readACLs()) ?? []).map { entry in
            ACL(
                perms: entry.perms, scheme: UString(bytes: JavaString.normalized(entry.identity.scheme.bytes)),
                id: UString(bytes: JavaString.normalized(entry.identity.id.bytes)))
        }
        return keep(list.encodedBytes)
    }

    private func keep(_ bytes: [UInt8]) -> UnsafeRawBufferPointer {
        let copy = UnsafeMutableRawBufferPointer.allocate(byteCount: max(1, bytes.count), alignment: 1)
        copy.copyBytes(from: bytes)
        copies.append(copy)
        return UnsafeRawBufferPointer(rebasing: copy[..<bytes.count])
    }

    func removeAll() {
        if copies.isEmpty { return }
        for copy in copies { copy.deallocate() }
        copies.removeAll()
    }

    deinit {
        removeAll()
    }
}

@inline(__always)
func isASCII(_ bytes: UnsafeRawBufferPointer) -> Bool {
    guard let base = bytes.baseAddress else { return true }
    let count = bytes.count
    var bits: UInt64 = 0
    var offset = 0
    while offset + 8 <= count {
        bits |= base.loadUnaligned(fromByteOffset: offset, as: UInt64.self)
        offset += 8
    }
    while offset < count {
        bits |= UInt64(base.load(fromByteOffset: offset, as: UInt8.self))
        offset += 1
    }
    return bits & 0x8080_8080_8080_8080 == 0
}
