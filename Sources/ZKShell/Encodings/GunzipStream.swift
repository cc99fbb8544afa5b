import CZlib

/// Unpacks a gzip file piece by piece, several members in a row included.
final class GunzipStream {
    struct Damage: Error, CustomStringConvertible {
        var description: String
    }

    private let source: () async throws -> [UInt8]
    private var stream = z_stream()
    /// What is not unpacked yet.
    private var input: [UInt8] = []
    private var isAtEndOfMember = true
    private var isAtEnd = false
    private var chunk = [UInt8](repeating: 0, count: 1 << 18)

    static func isPacked(_ bytes: [UInt8]) -> Bool { bytes.starts(with: [0x1F, 0x8B]) }

    /// - Parameters:
    ///   - start: the first bytes of the file.
    ///   - source: gives the next ones; none at the end.
    init(start: [UInt8], source: @escaping () async throws -> [UInt8]) {
        self.source = source
        input = start
        // A gzip header, and the largest window.
        let status = inflateInit2_(&stream, 15 + 16, ZLIB_VERSION, Int32(MemoryLayout<z_stream>.size))
        precondition(status == Z_OK, "zlib refuses its own constants")
    }

    deinit {
        inflateEnd(&stream)
    }

    /// The next bytes; none at the end.
    ///
    /// - Throws: ``Damage``; what the source throws.
    func read() async throws -> [UInt8] {
        while !isAtEnd {
            if input.isEmpty {
                input = try await source()
                if input.isEmpty {
                    guard isAtEndOfMember else { throw Damage(description: "the gzip stream ends too early") }
                    isAtEnd = true
                    break
                }
            }
            let bytes = try unpackSome()
            if !bytes.isEmpty { return bytes }
        }
        return []
    }

    private func unpackSome() throws(Damage) -> [UInt8] {
        var status = Z_OK
        var consumed = 0
        var count = 0
        isAtEndOfMember = false
        input.withUnsafeMutableBufferPointer { input in
            chunk.withUnsafeMutableBufferPointer { chunk in
                stream.next_in = input.baseAddress
                stream.avail_in = uInt(input.count)
                stream.next_out = chunk.baseAddress
                stream.avail_out = uInt(chunk.count)
                status = inflate(&stream, Z_NO_FLUSH)
                consumed = input.count - Int(stream.avail_in)
                count = chunk.count - Int(stream.avail_out)
            }
        }
        input.removeFirst(consumed)
        switch status {
        case Z_OK: break
        case Z_BUF_ERROR where consumed > 0 || input.isEmpty: break
        case Z_STREAM_END:
            isAtEndOfMember = true
            inflateReset(&stream)
        default: throw Damage(description: "the gzip stream is damaged")
        }
        return Array(chunk[..<count])
    }
}
