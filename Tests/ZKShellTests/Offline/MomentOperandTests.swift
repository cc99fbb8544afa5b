import Foundation
import Testing
import ZKCore
import ZKReplica

@testable import ZKShell

@Suite("Moments as they are written")
struct MomentOperandTests {
    /// 2026-11-27T10:02:10.500Z
    private static let now: Int64 = 1_795_773_730_500

    private func moment(_ text: String) -> Moment? { MomentOperand(text, nowMillis: Self.now)?.moment }

    @Test func zxidsHaveTwoForms() {
        #expect(moment("0x5000a1b2c") == .zxid(Zxid(rawValue: 0x5_000a_1b2c)))
        #expect(moment("0x5:0xa1b2c") == .zxid(Zxid(rawValue: 0x5_000a_1b2c)))
        #expect(moment("now") == .now)
    }

    @Test(
        arguments: [
            ("2026-11-27T10:01:44Z", 1_795_773_704_000), ("2026-11-27T10:01:44.12Z", 1_795_773_704_120),
            ("2026-11-27 10:01Z", 1_795_773_660_000), ("2026-11-27Z", 1_795_737_600_000), ("10:01Z", 1_795_773_660_000),
            // Not yet today: yesterday's.
            ("10:03Z", 1_795_687_380_000), ("-15m", 1_795_772_830_500), ("-2d", 1_795_600_930_500),
        ] as [(String, Int64)])
    func timesAreUTCWithAZ(text: String, millis: Int64) {
        #expect(moment(text) == .time(millis: millis))
    }

    @Test func otherTimesAreLocal() throws {
        let local = try #require(moment("2026-11-27T10:01:44"))
        let offset = TimeZone.current.secondsFromGMT(for: Date(timeIntervalSince1970: 1_795_773_704))
        #expect(local == .time(millis: 1_795_773_704_000 - Int64(offset) * 1000))
    }

    @Test(arguments: [
        "", "0x", "5000a1b2c", "0x5:a", "0x123456789012345678", "0xffffffffffffffff", "10", "10:61", "24:00",
        "2026-13-01", "2026-11-27T", "10:01T11:02", "-x", "yesterday", "10:01:", "10:01:02.", "0x80000000:0x1",
    ])
    func othersAreNoMoments(text: String) {
        #expect(moment(text) == nil)
    }
}
