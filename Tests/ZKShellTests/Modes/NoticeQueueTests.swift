import Testing

@testable import ZKShell

@Suite struct NoticeQueueTests {
    private let start = ContinuousClock.now

    @Test func theFirstIsShownAtOnceAndTheNextAfterAMoment() {
        var queue = NoticeQueue()
        #expect(queue.delay(at: start) == nil)
        queue.add("event: one")
        #expect(queue.delay(at: start) == .zero)
        #expect(queue.takeDue(at: start) == ["event: one"])
        queue.add("event: two")
        #expect(queue.takeDue(at: start) == [])
        #expect(queue.delay(at: start) == NoticeQueue.interval)
        #expect(queue.takeDue(at: start + NoticeQueue.interval) == ["event: two"])
        #expect(queue.delay(at: start) == nil)
    }

    @Test func aFloodOfEventsIsCutButNothingElse() {
        var queue = NoticeQueue()
        for index in 0..<500 { queue.add("event: \(index)") }
        queue.add("connection lost")
        let shown = queue.takeDue(at: start)
        #expect(shown.count == NoticeQueue.eventsMax + 2)
        #expect(shown.suffix(2) == ["connection lost", "… 480 more events"])
        queue.add("event: next")
        #expect(queue.takeAll() == ["event: next"])
    }
}
