/// The absolute path of a znode. Two paths are equal when their UTF-8 bytes are.
public struct ZnodePath: Hashable, Sendable {
    public let string: String

    /// - Throws: ``ZnodePathError`` when ZooKeeper would refuse the path. Source: `PathUtils.validatePath`.
    public init(_ string: some StringProtocol) throws(ZnodePathError) {
        let string = String(string)
        try ZnodePath.validate(string)
        self.string = string
    }

    /// Takes the path as it is. For paths that a server sent, and for those that carry a sequential prefix.
    public init(unchecked string: String) {
        self.string = string
    }

    public static let root = Self(unchecked: "/")

    public var isRoot: Bool { string == "/" }

    /// The last component; empty for the root.
    public var name: String {
        guard let slash = string.utf8.lastIndex(of: UInt8(ascii: "/")) else { return string }
        return String(string[string.utf8.index(after: slash)...])
    }

    /// The path without its last component; nil for the root.
    public var parent: Self? {
        guard !isRoot, let slash = string.utf8.lastIndex(of: UInt8(ascii: "/")) else { return nil }
        return slash == string.startIndex ? .root : Self(unchecked: String(string[..<slash]))
    }

    /// The names from the root down; empty for the root.
    public var components: [Substring] {
        string.utf8.split(separator: UInt8(ascii: "/")).compactMap { Substring($0) }
    }

    /// The path of the child `name`, which is not checked.
    public func appending(_ name: some StringProtocol) -> Self {
        Self(unchecked: isRoot ? "/" + name : string + "/" + name)
    }

    /// Whether `name` can be that of a child: not empty, not `.` or `..`, and without a slash. What a server sends may be
    /// none, and would lead elsewhere.
    public static func isName(_ name: String) -> Bool {
        var name = name
        return name.withUTF8 { isName(bytes: UnsafeRawBufferPointer($0)) }
    }

    /// Likewise, by its bytes. Not generic: a list may have a million names, and other modules call a generic one through
    /// witness tables, which took a fourth of the time of a list.
    public static func isName(bytes: UnsafeRawBufferPointer) -> Bool {
        let dot = UInt8(ascii: ".")
        switch bytes.count {
        case 0: return false
        case 1 where bytes[0] == dot: return false
        case 2 where bytes[0] == dot && bytes[1] == dot: return false
        default: break
        }
        for index in 0..<bytes.count where bytes[index] == UInt8(ascii: "/") { return false }
        return true
    }

    /// Whether this is `ancestor` or lies below it.
    public func isEqualOrBelow(_ ancestor: Self) -> Bool {
        if ancestor.isRoot || self == ancestor { return true }
        let mine = string.utf8
        let prefix = ancestor.string.utf8
        return mine.count > prefix.count && mine.starts(with: prefix)
            && mine[mine.index(mine.startIndex, offsetBy: prefix.count)] == UInt8(ascii: "/")
    }

    public static func == (a: Self, b: Self) -> Bool { a.string.utf8.elementsEqual(b.string.utf8) }

    public func hash(into hasher: inout Hasher) {
        var string = string
        string.withUTF8 { hasher.combine(bytes: UnsafeRawBufferPointer($0)) }
    }
}

extension ZnodePath: Comparable {
    /// Java's order (UTF-16 units), so that `ls` prints what zkCli prints.
    public static func < (a: Self, b: Self) -> Bool { a.string.utf16.lexicographicallyPrecedes(b.string.utf16) }
}

extension ZnodePath: CustomStringConvertible {
    public var description: String { string }
}

extension ZnodePath: ExpressibleByStringLiteral {
    /// A literal that is not a valid path is a mistake in the program and traps.
    public init(stringLiteral value: String) {
        do throws(ZnodePathError) {
            try self.init(value)
        } catch {
            preconditionFailure("\(error)")
        }
    }
}

extension ZnodePath {
    /// Checks `string` as a path. Source: `PathUtils.validatePath`.
    public static func validate(_ string: String) throws(ZnodePathError) {
        func fail(_ reason: ZnodePathError.Reason) -> ZnodePathError { ZnodePathError(path: string, reason: reason) }
        let bytes = string.utf8
        guard let first = bytes.first else { throw fail(.empty) }
        guard first == UInt8(ascii: "/") else { throw fail(.relative) }
        if bytes.count == 1 { return }
        if bytes.last == UInt8(ascii: "/") { throw fail(.trailingSlash) }
        for component in bytes.dropFirst().split(separator: UInt8(ascii: "/"), omittingEmptySubsequences: false) {
            if component.isEmpty { throw fail(.emptyComponent) }
            if component.elementsEqual(".".utf8) || component.elementsEqual("..".utf8) { throw fail(.dotComponent) }
        }
        for scalar in string.unicodeScalars where !isAllowed(scalar) { throw fail(.character(scalar.value)) }
    }

    /// Java looks at UTF-16 units: every supplementary character is two surrogates, which are refused.
    private static func isAllowed(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.value {
        case 0...0x1F, 0x7F...0x9F, 0xD800...0xF8FF, 0xFFF0...: false
        default: true
        }
    }
}
