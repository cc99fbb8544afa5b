import NIOCore
import ZKCore

/// The frames of one read.
enum FrameBatch {
    /// What handling them came to.
    struct Outcome {
        var bytesHandled = 0
        /// The length of the frame that is not whole yet, its own length included; 0 when that is not known.
        var bytesExpected = 0
        /// Whether whole frames are left since there is output enough.
        var hasMore = false
        var output = ConnectionOutput(bytes: ByteBuffer(), closesAfterwards: false, resumesReading: false)
        /// The loops whose connections have output now.
        var dirtyLoops: [LoopState] = []
    }

    /// Whether any of the whole frames changes something, so that the lock is needed exclusively.
    ///
    /// A frame that is too short to tell counts as one that does.
    static func needsExclusiveLock(_ bytes: UnsafeRawBufferPointer) -> Bool {
        var offset = 0
        while bytes.count - offset >= 4 {
            let length = Int(Int32(bigEndian: bytes.loadUnaligned(fromByteOffset: offset, as: Int32.self)))
            guard length >= 8 else { return true }
            guard bytes.count - offset >= 4 + length else { return false }
            let type = Int32(bigEndian: bytes.loadUnaligned(fromByteOffset: offset + 8, as: Int32.self))
            switch OpCode(rawValue: type) {
            case .getData, .exists, .getChildren, .getChildren2:
                if hasWatch(bytes, bodyAt: offset + 12, end: offset + 4 + length) { return true }
            case .ping, .getACL, .getAllChildrenNumber, .getEphemerals, .multiRead, .whoAmI, .sync:
                break
            default:
                return true
            }
            offset += 4 + length
        }
        return false
    }

    /// Whether the flag behind the path of a read is set, or cannot be found.
    private static func hasWatch(_ bytes: UnsafeRawBufferPointer, bodyAt offset: Int, end: Int) -> Bool {
        guard end - offset >= 5 else { return true }
        let pathLength = Int(Int32(bigEndian: bytes.loadUnaligned(fromByteOffset: offset, as: Int32.self)))
        guard pathLength >= 0, pathLength <= end - offset - 5 else { return true }
        return bytes[offset + 4 + pathLength] != 0
    }
}
