import Support
import Testing

@Suite(.timeLimit(.minutes(1))) struct ManualClockTests {
    @Test func wakesOnlyThoseWhoseTimeHasCome() async throws {
        let clock = ManualClock()
        async let early: Void = clock.sleep(for: .seconds(1))
        let late = Task { try await clock.sleep(for: .seconds(5)) }
        try await eventually("two sleepers") { clock.sleeperCount == 2 }
        clock.advance(by: .seconds(1))
        try await early
        #expect(clock.sleeperCount == 1)
        late.cancel()
        await #expect(throws: CancellationError.self) { try await late.value }
        #expect(clock.sleeperCount == 0)
    }

    @Test func aTimeLimitEndsWorkThatHeedsNoCancellation() async throws {
        let clock = ManualClock()
        await #expect(throws: TimeLimitExceeded.self) {
            try await withTimeLimit(.milliseconds(20)) {
                await Task.detached { try? await clock.sleep(for: .seconds(1)) }.value
            }
        }
        clock.advance(by: .seconds(1))
    }
}
