package import ZKCore

/// Reads an access control list that was checked to be whole when its request was cut.
package enum ACLDecoder {
    package static func decode(_ bytes: UnsafeRawBufferPointer) -> [ACL] {
        var offset = 0
        func integer() -> Int {
            guard offset + 4 <= bytes.count else { return 0 }
            defer { offset += 4 }
            return Int(Int32(bigEndian: bytes.loadUnaligned(fromByteOffset: offset, as: Int32.self)))
        }
        func string() -> UString {
            let count = Swift.min(Swift.max(0, integer()), bytes.count - offset)
            defer { offset += count }
            return UString(bytes: Array(bytes[offset..<offset + count]))
        }
        var list: [ACL] = []
        for _ in 0..<Swift.max(0, integer()) where offset < bytes.count {
            let perms = Permissions(rawValue: Int32(truncatingIfNeeded: integer()))
            let scheme = string()
            list.append(ACL(perms: perms, scheme: scheme, id: string()))
        }
        return list
    }
}
