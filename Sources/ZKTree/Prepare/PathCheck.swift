/// Checks of paths as bytes. Source: `PathUtils.validatePath`.
enum PathCheck {
    /// Whether a path is one that a znode may have. The bytes are UTF-8, or what Java makes of others.
    static func isValid(_ path: UnsafeRawBufferPointer) -> Bool {
        let count = path.count
        guard count > 0, path[0] == UInt8(ascii: "/") else { return false }
        if count == 1 { return true }
        var componentStart = 1
        var index = 1
        while index < count {
            let byte = path[index]
            if byte == UInt8(ascii: "/") {
                guard isComponent(path, from: componentStart, to: index) else { return false }
                componentStart = index + 1
                index += 1
            } else if byte < 0x80 {
                guard byte >= 0x20, byte != 0x7F else { return false }
                index += 1
            } else {
                guard let length = lengthOfAllowedCharacter(path, at: index) else { return false }
                index += length
            }
        }
        return isComponent(path, from: componentStart, to: count)
    }

    private static func isComponent(_ path: UnsafeRawBufferPointer, from start: Int, to end: Int) -> Bool {
        let dot = UInt8(ascii: ".")
        switch end - start {
        case 0: return false
        case 1: return path[start] != dot
        case 2: return path[start] != dot || path[start + 1] != dot
        default: return true
        }
    }

    /// Refuses U+0080-009F, U+D800-F8FF and U+FFF0-FFFF; supplementary characters come as surrogates.
    private static func lengthOfAllowedCharacter(_ path: UnsafeRawBufferPointer, at index: Int) -> Int? {
        let lead = UInt32(path[index])
        if lead >= 0xC2, lead < 0xE0, index + 1 < path.count {
            let unit = (lead & 0x1F) << 6 | UInt32(path[index + 1]) & 0x3F
            return unit <= 0x9F ? nil : 2
        }
        if lead >= 0xE0, lead < 0xF0, index + 2 < path.count {
            let unit =
                (lead & 0x0F) << 12 | (UInt32(path[index + 1]) & 0x3F) << 6 | UInt32(path[index + 2]) & 0x3F
            return (0xD800...0xF8FF).contains(unit) || unit >= 0xFFF0 ? nil : 3
        }
        return nil
    }

    /// The offset of the last slash; nil when there is none, or when the path has a NUL.
    static func lastSlash(_ path: UnsafeRawBufferPointer) -> Int? {
        var slash: Int?
        for index in 0..<path.count {
            if path[index] == UInt8(ascii: "/") { slash = index }
            if path[index] == 0 { return nil }
        }
        return slash
    }

    /// Whether a path is one of those that cannot be deleted.
    static func isSpecial(_ path: UnsafeRawBufferPointer) -> Bool {
        switch path.count {
        case 1: path[0] == UInt8(ascii: "/")
        case 10: path.elementsEqual("/zookeeper".utf8)
        case 16: path.elementsEqual("/zookeeper/quota".utf8)
        case 17: path.elementsEqual("/zookeeper/config".utf8)
        default: false
        }
    }
}
