import ZKCore
import ZKText

/// The subject of an X.509 certificate as `X500Principal.getName()` of Java writes it: RFC 2253, the most special
/// attribute first, such as `CN=client1,O=Example`.
///
/// ```
/// Certificate    SEQUENCE { tbs, algorithm, signature }
/// tbs            SEQUENCE { [0] version?, serial, algorithm, issuer, validity, subject, … }
/// subject        SEQUENCE of SET of SEQUENCE { OBJECT IDENTIFIER, string }
/// ```
enum CertificateSubject {
    /// - Returns: nil for what is not a certificate.
    static func name(ofCertificate der: [UInt8]) -> UString? {
        var outer = DERReader(der[...])
        guard let certificate = outer.next(DERReader.sequence) else { return nil }
        var body = DERReader(certificate.content)
        guard let toBeSigned = body.next(DERReader.sequence) else { return nil }
        var fields = DERReader(toBeSigned.content)
        _ = fields.next(0xA0)
        // Serial number, algorithm, issuer, validity.
        for _ in 0..<4 {
            guard fields.next() != nil else { return nil }
        }
        guard let subject = fields.next(DERReader.sequence) else { return nil }
        return name(subject.content)
    }

    private static func name(_ content: ArraySlice<UInt8>) -> UString? {
        var names = DERReader(content)
        var parts: [[UInt8]] = []
        while !names.isAtEnd {
            guard let set = names.next(DERReader.set), let part = relativeName(set.content) else { return nil }
            parts.append(part)
        }
        return UString(bytes: Array(parts.reversed().joined(separator: [UInt8(ascii: ",")])))
    }

    private static func relativeName(_ content: ArraySlice<UInt8>) -> [UInt8]? {
        var attributes = DERReader(content)
        var parts: [[UInt8]] = []
        while !attributes.isAtEnd {
            guard let pair = attributes.next(DERReader.sequence) else { return nil }
            var fields = DERReader(pair.content)
            guard let type = fields.next(DERReader.objectIdentifier), let value = fields.next(),
                let identifier = identifier(type.content)
            else { return nil }
            let keyword = keywords[identifier]
            let isText = keyword != nil && stringTags.contains(value.tag)
            let text = isText ? escape(value.content) : Array("#\(Hex.encode(value.whole))".utf8)
            parts.append(Array("\(keyword ?? identifier)=".utf8) + text)
        }
        return Array(parts.joined(separator: [UInt8(ascii: "+")]))
    }

    /// The attributes that RFC 2253 has a word for.
    private static let keywords = [
        "2.5.4.3": "CN", "2.5.4.6": "C", "2.5.4.7": "L", "2.5.4.8": "ST", "2.5.4.9": "STREET", "2.5.4.10": "O",
        "2.5.4.11": "OU", "0.9.2342.19200300.100.1.25": "DC", "0.9.2342.19200300.100.1.1": "UID",
    ]
    /// UTF8String, PrintableString, T61String, IA5String, GeneralString, UniversalString, BMPString.
    private static let stringTags: Set<UInt8> = [0x0C, 0x13, 0x14, 0x16, 0x1B, 0x1C, 0x1E]

    private static func identifier(_ bytes: ArraySlice<UInt8>) -> String? {
        var arcs: [UInt64] = []
        var arc: UInt64 = 0
        var isOpen = false
        for byte in bytes {
            guard arc < 1 << 56 else { return nil }
            arc = arc << 7 | UInt64(byte & 0x7F)
            isOpen = byte & 0x80 != 0
            if isOpen { continue }
            if arcs.isEmpty {
                let first = min(arc / 40, 2)
                arcs = [first, arc - first * 40]
            } else {
                arcs.append(arc)
            }
            arc = 0
        }
        guard !arcs.isEmpty, !isOpen else { return nil }
        return arcs.map(String.init).joined(separator: ".")
    }

    /// A backslash before what has a meaning in a name, and before blanks at its ends.
    private static func escape(_ bytes: ArraySlice<UInt8>) -> [UInt8] {
        let text = Array(String(decoding: bytes, as: UTF8.self).utf8)
        let isBlank = { (byte: UInt8) in byte == UInt8(ascii: " ") || byte == UInt8(ascii: "\r") }
        let first = text.firstIndex { !isBlank($0) } ?? text.endIndex
        let last = text.lastIndex { !isBlank($0) } ?? -1
        var result: [UInt8] = []
        for (index, byte) in text.enumerated() {
            if byte == 0 {
                result += Array("\\00".utf8)
                continue
            }
            if index < first || index > last || marks.contains(byte) { result.append(UInt8(ascii: "\\")) }
            result.append(byte)
        }
        return result
    }

    private static let marks = Array(",=+<>#;\"\\".utf8)
}

/// Values of DER, one after the other. Lengths are checked against what is there.
struct DERReader {
    struct Value {
        var tag: UInt8
        var content: ArraySlice<UInt8>
        /// With tag and length.
        var whole: ArraySlice<UInt8>
    }

    static let sequence: UInt8 = 0x30
    static let set: UInt8 = 0x31
    static let objectIdentifier: UInt8 = 0x06

    private var rest: ArraySlice<UInt8>

    init(_ bytes: ArraySlice<UInt8>) {
        rest = bytes
    }

    var isAtEnd: Bool { rest.isEmpty }

    /// The next value, if it has this tag.
    mutating func next(_ tag: UInt8) -> Value? {
        rest.first == tag ? next() : nil
    }

    mutating func next() -> Value? {
        var bytes = rest
        guard let tag = bytes.popFirst(), let first = bytes.popFirst() else { return nil }
        var count = Int(first)
        if first & 0x80 != 0 {
            let lengthBytes = Int(first & 0x7F)
            guard (1...4).contains(lengthBytes), bytes.count >= lengthBytes else { return nil }
            count = bytes.prefix(lengthBytes).reduce(0) { $0 << 8 | Int($1) }
            bytes = bytes.dropFirst(lengthBytes)
        }
        guard bytes.count >= count else { return nil }
        let content = bytes.prefix(count)
        let whole = rest[rest.startIndex..<content.endIndex]
        rest = bytes.dropFirst(count)
        return Value(tag: tag, content: content, whole: whole)
    }
}
