import Testing
import ZKCore
import ZKWire

/// What a real Apache ZooKeeper and its clients said to each other, byte for byte.
@Suite struct TranscriptTests {
    /// Frames that are wrong on purpose, by file and line, and what our decoders say of them.
    private static let malformed: [String: Conversation.Problem] = [
        // Three bytes where the handshake should stand, and a length of -2.
        "raw-connect:102": .jute(.truncated),
        "raw-connect:113": .frame(FrameError(length: -2, bytesMax: 64 << 20)),
        // Null paths.
        "raw-errors:60": .jute(.unexpectedNull),
        "raw-errors:237": .jute(.unexpectedNull),
        // A path of 50 bytes of which three are there.
        "raw-errors:240": .jute(.truncated),
        // A setACL within a multi.
        "raw-errors:403": .jute(.unexpectedType(7)),
        // Ops that no client sends, and the bytes behind their headers.
        "raw-errors:372": .surplus(4),
        "raw-errors:384": .surplus(10),
        "raw-errors:391": .surplus(10),
        "raw-errors:398": .surplus(10),
        // The server answers createSession with a connect response: as a reply it makes no sense.
        "raw-errors:373": .surplus(21),
        // The four-letter word envi and its answer.
        "kazoo-basic:151": .frame(FrameError(length: 0x656e_7669, bytesMax: 64 << 20)),
        "kazoo-basic:152": .frame(FrameError(length: 0x456e_7669, bytesMax: 64 << 20)),
    ]

    /// A null list of ACL entries is refused like an empty one, so the record does not tell them apart.
    private static let normalized: [String: (recorded: [UInt8], ours: [UInt8])] = [
        "raw-errors:42": ([0xff, 0xff, 0xff, 0xff], [0, 0, 0, 0])
    ]

    @Test(arguments: Transcript.names)
    func everyFrameComesBackByteForByte(_ name: String) throws {
        var conversations: [Int: Conversation] = [:]
        var checked = 0
        var cut = 0
        let frames = try Transcript.frames(of: name)
        for frame in frames {
            let key = "\(name):\(frame.line)"
            if frame.truncatedFrom != nil {
                cut += 1
                continue
            }
            do throws(Conversation.Problem) {
                let ours = try conversations[frame.connection, default: Conversation()].reencoded(frame)
                #expect(Self.malformed[key] == nil, "\(frame.place) should be malformed")
                if let difference = Self.normalized[key] {
                    #expect(ours != frame.bytes)
                    #expect(replacing(difference.recorded, by: difference.ours, in: frame.bytes) == ours)
                } else {
                    #expect(ours == frame.bytes, "\(frame.place)")
                }
            } catch {
                #expect(error == Self.malformed[key], "\(frame.place)")
            }
            checked += 1
        }
        #expect(checked == frames.count, "no recorded frame is cut")
        #expect(cut == 0)
        #expect(checked > 5)
    }

    @Test func everyListedFrameExists() throws {
        let keys = Set(
            try Transcript.names.flatMap { name in
                try Transcript.frames(of: name).map { "\(name):\($0.line)" }
            })
        for key in Array(Self.malformed.keys) + Array(Self.normalized.keys) {
            #expect(keys.contains(key))
        }
    }

    /// A recorded payload cut anywhere, or with any byte changed, decodes or throws; it never traps.
    @Test(arguments: Transcript.names)
    func damagedFramesNeverTrap(_ name: String) throws {
        var conversations: [Int: Conversation] = [:]
        for frame in try Transcript.frames(of: name) where frame.truncatedFrom == nil {
            let before = conversations[frame.connection, default: Conversation()]
            for damaged in damages(of: frame) {
                var conversation = before
                _ = try? conversation.reencoded(damaged)
            }
            var after = before
            _ = try? after.reencoded(frame)
            conversations[frame.connection] = after
        }
    }

    /// Every truncation with a length that fits, and a few wrong values in every byte of the payload.
    private func damages(of frame: RecordedFrame) -> [RecordedFrame] {
        var result: [RecordedFrame] = []
        let payload = frame.payload
        guard payload.count < 2_000 else { return [] }
        for length in 0..<payload.count {
            var copy = frame
            let prefix = withUnsafeBytes(of: Int32(length).bigEndian) { Array($0) }
            copy.bytes = prefix + payload[..<length]
            result.append(copy)
        }
        for index in frame.bytes.indices.dropFirst(4) {
            for mask in [0x01, 0x80, 0xff] as [UInt8] {
                var copy = frame
                copy.bytes[index] ^= mask
                result.append(copy)
            }
        }
        return result
    }

    private func replacing(_ part: [UInt8], by other: [UInt8], in bytes: [UInt8]) -> [UInt8]? {
        guard let start = bytes.indices.first(where: { bytes[$0...].starts(with: part) }) else { return nil }
        return Array(bytes[..<start]) + other + Array(bytes[(start + part.count)...])
    }
}
