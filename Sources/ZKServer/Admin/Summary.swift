/// A metric of many values: Apache's `avg`, `min`, `max`, `cnt` and `sum`, and percentiles to a power of two.
struct Summary {
    private(set) var count: Int64 = 0
    private(set) var sum: Int64 = 0
    private(set) var min: Int64 = 0
    private(set) var max: Int64 = 0
    /// How many values have so many bits. Those that are 0 need no array.
    private var bits: [Int64] = []
    private var zeros: Int64 = 0

    @inline(__always)
    mutating func add(_ value: Int64) {
        count &+= 1
        if value <= 0 {
            zeros &+= 1
            min = 0
        } else {
            addPositive(value)
        }
    }

    private mutating func addPositive(_ value: Int64) {
        if bits.isEmpty { bits = [Int64](repeating: 0, count: 65) }
        min = count == 1 ? value : Swift.min(min, value)
        max = Swift.max(max, value)
        sum += value
        bits[64 - value.leadingZeroBitCount] += 1
    }

    mutating func merge(_ other: Summary) {
        guard other.count > 0 else { return }
        min = count == 0 ? other.min : Swift.min(min, other.min)
        max = Swift.max(max, other.max)
        count += other.count
        sum += other.sum
        zeros += other.zeros
        if bits.isEmpty {
            bits = other.bits
        } else {
            for index in other.bits.indices { bits[index] += other.bits[index] }
        }
    }

    var average: Double { count == 0 ? 0 : Double(sum) / Double(count) }

    /// The value that `percent` of all do not exceed, rounded up to the end of its power of two.
    func percentile(_ percent: Double) -> Int64 {
        var rest = Int64((Double(count) * percent / 100).rounded(.up))
        rest -= zeros
        for index in bits.indices where rest > 0 {
            rest -= bits[index]
            if rest <= 0 { return Swift.min(max, Int64(1) << Int64(index) - 1) }
        }
        return 0
    }
}
