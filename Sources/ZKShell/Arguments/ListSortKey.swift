internal import ShellLanguage
internal import ZKCore

/// What `ls --sort` sorts by.
enum ListSortKey: String, ShellValue, CaseIterable {
    case name
    case ctime
    case mtime
    case size
    case children
    case seq

    var needsStats: Bool { self != .name && self != .seq }

    /// - Parameter rows: by name.
    func sorted(_ rows: [DetailedListResult.Row]) -> [DetailedListResult.Row] {
        func stable<Key: Comparable>(_ key: (Stat) -> Key) -> [DetailedListResult.Row] {
            rows.enumerated()
                .sorted { (key($0.element.stat), $0.offset) < (key($1.element.stat), $1.offset) }
                .map(\.element)
        }
        return switch self {
        case .name: rows
        case .ctime: stable(\.ctimeMillis)
        case .mtime: stable(\.mtimeMillis)
        case .size: stable(\.dataLength)
        case .children: stable(\.numChildren)
        case .seq: rows.sorted { Self.sequence($0.name, $1.name) }
        }
    }

    /// By the ten digits at the end, whatever stands before them; names without a number come first.
    static func sequence(_ a: String, _ b: String) -> Bool {
        let (left, right) = (number(a), number(b))
        return left == right ? a.utf16.lexicographicallyPrecedes(b.utf16) : left < right
    }

    private static func number(_ name: String) -> Int64 {
        let digits = name.utf8.suffix(10)
        guard digits.count == 10, digits.allSatisfy(\.isDigit) else { return .min }
        return Int64(String(decoding: Array(digits), as: UTF8.self)) ?? .min
    }
}
