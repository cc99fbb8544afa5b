/// A regular expression as it was written.
indirect enum RegexSyntaxTree {
    case empty
    case characters(CharacterSet)
    case sequence([RegexSyntaxTree])
    case alternatives([RegexSyntaxTree])
    /// - Parameter max: nil for any number.
    case repeated(RegexSyntaxTree, min: Int, max: Int?)
    case group(RegexSyntaxTree, number: Int)
    case assertion(Assertion)
    case backReference(Int)

    /// What must hold between two bytes.
    enum Assertion: Hashable {
        case start
        case end
        case wordStart
        case wordEnd
        case wordBoundary
        case noWordBoundary
    }

    /// What one character may be.
    struct CharacterSet {
        var ranges: [ClosedRange<UInt32>] = []
        /// Bytes that are no part of UTF-8, as the pattern had them.
        var strayBytes = ByteSet()

        init(ranges: [ClosedRange<UInt32>] = []) {
            self.ranges = ranges
        }

        /// Any character but NUL.
        static let any = CharacterSet(ranges: [1...0x10FFFF])

        /// All characters but these.
        var inverted: CharacterSet {
            var result = CharacterSet()
            var next: UInt32 = 1
            for range in ranges.sorted(by: { $0.lowerBound < $1.lowerBound }) {
                if range.lowerBound > next { result.ranges.append(next...range.lowerBound - 1) }
                next = max(next, range.upperBound + 1)
            }
            if next <= 0x10FFFF { result.ranges.append(next...0x10FFFF) }
            return result
        }

        /// With the capital of each small letter, and the other way round.
        var ignoringCase: CharacterSet {
            var result = self
            // Beyond this it is a range of scripts, of which only the letters of ASCII are worth a look.
            for range in ranges where range.count <= 2048 || range.overlaps(0...127) {
                for value in range.count <= 2048 ? range : range.clamped(to: 0...127) {
                    guard let scalar = Unicode.Scalar(value) else { continue }
                    for other in [scalar.properties.lowercaseMapping, scalar.properties.uppercaseMapping] {
                        let scalars = other.unicodeScalars
                        if scalars.count == 1, let other = scalars.first?.value, other != value {
                            result.ranges.append(other...other)
                        }
                    }
                }
            }
            return result
        }
    }
}

/// Bytes, as 256 bits.
struct ByteSet: Hashable {
    private var low: (UInt64, UInt64) = (0, 0)
    private var high: (UInt64, UInt64) = (0, 0)

    init() {}

    init(_ range: ClosedRange<UInt8>) {
        for byte in range { insert(byte) }
    }

    var isEmpty: Bool { self == ByteSet() }

    func contains(_ byte: UInt8) -> Bool {
        let bit: UInt64 = 1 << UInt64(byte & 63)
        switch byte >> 6 {
        case 0: return low.0 & bit != 0
        case 1: return low.1 & bit != 0
        case 2: return high.0 & bit != 0
        default: return high.1 & bit != 0
        }
    }

    mutating func insert(_ byte: UInt8) {
        let bit: UInt64 = 1 << UInt64(byte & 63)
        switch byte >> 6 {
        case 0: low.0 |= bit
        case 1: low.1 |= bit
        case 2: high.0 |= bit
        default: high.1 |= bit
        }
    }

    static func == (a: Self, b: Self) -> Bool { a.low == b.low && a.high == b.high }

    func hash(into hasher: inout Hasher) {
        hasher.combine(low.0)
        hasher.combine(low.1)
        hasher.combine(high.0)
        hasher.combine(high.1)
    }
}
