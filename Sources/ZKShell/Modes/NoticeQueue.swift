/// Notices that wait to be shown above the line that is being edited.
///
/// A flood of events is shown in pieces and shortened, so that typing goes on.
struct NoticeQueue {
    static let interval = Duration.milliseconds(100)
    static let eventsMax = 20

    private var lines: [String] = []
    private var eventCount = 0
    private var nextTime: ContinuousClock.Instant?

    mutating func add(_ line: String) {
        if line.hasPrefix("event: ") {
            eventCount += 1
            guard eventCount <= Self.eventsMax else { return }
        }
        lines.append(line)
    }

    /// How long until the lines that wait may be shown; nil when there are none.
    func delay(at now: ContinuousClock.Instant) -> Duration? {
        guard !lines.isEmpty else { return nil }
        guard let nextTime, nextTime > now else { return .zero }
        return nextTime - now
    }

    /// The lines that may be shown now.
    mutating func takeDue(at now: ContinuousClock.Instant) -> [String] {
        guard delay(at: now) == .zero else { return [] }
        nextTime = now + Self.interval
        return takeAll()
    }

    mutating func takeAll() -> [String] {
        defer { (lines, eventCount) = ([], 0) }
        let hidden = eventCount - Self.eventsMax
        return hidden > 0 ? lines + ["… \(hidden) more events"] : lines
    }
}
