import Testing

@testable import ZKShell

@Suite("The figures of an ensemble")
struct MonitorSampleTests {
    private static func sample(_ roles: [ServerStatus.Role]) -> MonitorSample {
        let servers = roles.enumerated().map { number, role in
            var status = ServerStatus(endpoint: "10.0.0.\(number):2181", answer: .fourLetterWords)
            status.role = role
            return status
        }
        return MonitorSample(servers: servers, time: .now)
    }

    @Test func nobodyIsCalledALeaderWhoIsNone() {
        #expect(Self.sample([.follower, .observer]).leader == nil)
        #expect(Self.sample([.follower, .leader]).leader?.endpoint == "10.0.0.1:2181")
        #expect(Self.sample([.standalone]).leader?.endpoint == "10.0.0.0:2181")
        #expect(Self.sample([.follower]).head?.endpoint == "10.0.0.0:2181", "its figures are shown all the same")
    }
}
