internal import Histogram
internal import ZKCore

/// What one run of one operation gave.
public struct BenchReport: Sendable {
    public let operation: BenchOperation
    public let options: BenchOptions
    public let seconds: Double
    /// Replies to errors by the name of their code.
    public private(set) var errors: [String: Int] = [:]
    /// The number of writes that were found in the tree afterwards, all those acknowledged; nil when nothing was
    /// written or compared.
    public internal(set) var verified: Int?
    private var histogram = Histogram<UInt64>(
        highestTrackableValue: 60_000_000_000, numberOfSignificantValueDigits: .three)

    init(operation: BenchOperation, options: BenchOptions, seconds: Double) {
        self.operation = operation
        self.options = options
        self.seconds = seconds
    }

    mutating func add(_ part: Histogram<UInt64>, errors: [ErrorCode: Int]) {
        histogram.add(part)
        for (code, count) in errors { self.errors["\(code)", default: 0] += count }
    }

    public var requestCount: Int { Int(histogram.totalCount) }
    public var errorCount: Int { errors.values.reduce(0, +) }
    public var requestsPerSecond: Double { seconds > 0 ? Double(requestCount) / seconds : 0 }

    public func latencyMicros(percentile: Double) -> Double {
        Double(histogram.valueAtPercentile(percentile)) / 1_000
    }

    public var meanMicros: Double { requestCount > 0 ? histogram.mean / 1_000 : 0 }
    public var maxMicros: Double { Double(histogram.max) / 1_000 }
    public var minMicros: Double { requestCount > 0 ? Double(histogram.min) / 1_000 : 0 }
}
