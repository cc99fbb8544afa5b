/// The order in which people expect names: runs of digits compare as numbers, so that `n2` stands before `n10`.
enum NaturalOrder {
    static func sorted(_ names: some Sequence<String>) -> [String] {
        // The bytes are taken out of the strings once, not in each comparison.
        names.map { (name: $0, bytes: Array($0.utf8)) }.sorted { precedes($0.bytes, $1.bytes) }.map(\.name)
    }

    static func precedes(_ a: [UInt8], _ b: [UInt8]) -> Bool {
        var left = a[...]
        var right = b[...]
        while let first = left.first, let second = right.first {
            if isDigit(first), isDigit(second) {
                let one = left.prefix(while: isDigit)
                let other = right.prefix(while: isDigit)
                let (x, y) = (one.drop { $0 == 0x30 }, other.drop { $0 == 0x30 })
                if x.count != y.count { return x.count < y.count }
                if !x.elementsEqual(y) { return x.lexicographicallyPrecedes(y) }
                if one.count != other.count { return one.count < other.count }
                left = left.dropFirst(one.count)
                right = right.dropFirst(other.count)
            } else {
                if first != second { return first < second }
                left = left.dropFirst()
                right = right.dropFirst()
            }
        }
        return left.count < right.count
    }

    private static func isDigit(_ byte: UInt8) -> Bool { (0x30...0x39).contains(byte) }
}
