/// The order in which people expect names: runs of digits compare as numbers, so that `n2` stands before `n10`.
enum NaturalOrder {
    static func precedes(_ a: String, _ b: String) -> Bool {
        var left = Array(a.utf8)[...]
        var right = Array(b.utf8)[...]
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
