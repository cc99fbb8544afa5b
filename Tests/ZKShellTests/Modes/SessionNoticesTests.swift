import Testing
import ZKClient
import ZKCore

@testable import ZKShell

@Suite struct SessionNoticesTests {
    private let info = SessionInfo(
        id: 0x1F, password: [], timeout: .seconds(30), server: "zk1:2181", lastZxid: Zxid(rawValue: 0))

    private func path(_ text: String) -> ZnodePath { try! ZnodePath(text) }

    @Test func theFirstConnectIsToldByThePromptAlone() {
        var notices = SessionNotices()
        #expect(notices.lines(for: .disconnected(reason: "refused")) == [])
        #expect(notices.lines(for: .connected(info)) == [])
    }

    @Test func aLossIsToldOnceAndTheReturnAsWell() {
        var notices = SessionNotices()
        _ = notices.lines(for: .connected(info))
        #expect(
            notices.lines(for: .disconnected(reason: "reset")) == [
                "connection lost (reset); looking for another server"
            ])
        #expect(notices.lines(for: .disconnected(reason: "refused")) == [])
        #expect(notices.lines(for: .connected(info)) == ["connected to zk1:2181 again, same session"])
    }

    @Test func anExpiredSessionTellsWhatIsLost() {
        var notices = SessionNotices()
        _ = notices.lines(for: .connected(info))
        let losses = SessionNotices.Losses(
            ephemerals: [path("/mine"), path("/other")],
            watches: [
                ArmedWatch(path: path("/a"), kind: .data), ArmedWatch(path: path("/b"), kind: .children),
                ArmedWatch(path: path("/c"), kind: .exist), ArmedWatch(path: path("/d"), kind: .persistent),
            ])
        #expect(
            notices.lines(for: .expired, losses: losses) == [
                "session expired; starting a new one", "ephemeral znodes lost: /mine, /other",
                "watches lost: /a (data), /b (children), /c (creation)",
            ])
    }

    @Test func aSessionThatWasGivenUpIsNotSaidToHaveLostItsZnodes() {
        var notices = SessionNotices()
        let losses = SessionNotices.Losses(ephemerals: [path("/mine")], end: .givenUp(after: .seconds(40)))
        #expect(
            notices.lines(for: .expired, losses: losses) == [
                "session given up after 40 s without an answer of the ensemble; starting a new one",
                "ephemeral znodes that live until the ensemble ends the session: /mine",
            ])
    }

    @Test func refusedCredentialsTellWhatIsLost() {
        var notices = SessionNotices()
        let losses = SessionNotices.Losses(
            ephemerals: [path("/mine")], watches: [ArmedWatch(path: path("/a"), kind: .data)],
            end: .authFailed(reason: nil))
        #expect(
            notices.lines(for: .authFailed, losses: losses) == [
                "session over: the server refuses the credentials; the next command starts a new one",
                "ephemeral znodes lost: /mine", "watches lost: /a (data)",
            ])
    }

    @Test func aSessionThatExpiredWhileTheShellWasStoppedSaysSo() {
        var notices = SessionNotices()
        let losses = SessionNotices.Losses(suspension: .seconds(45))
        #expect(
            notices.lines(for: .expired, losses: losses) == [
                "session expired while the shell was stopped for 45 s; starting a new one"
            ])
    }

    @Test func longListsAreCut() {
        var notices = SessionNotices()
        let losses = SessionNotices.Losses(ephemerals: (1...12).map { path("/n\($0)") })
        #expect(notices.lines(for: .expired, losses: losses).last?.hasSuffix("/n10 and 2 more") == true)
    }

    @Test func theSessionThatFollowsIsNamed() {
        var notices = SessionNotices()
        notices.followsExpired = true
        #expect(notices.lines(for: .connected(info)) == ["new session 0x1f on zk1:2181"])
        _ = notices.lines(for: .disconnected(reason: "reset"))
        #expect(notices.lines(for: .connected(info)) == ["connected to zk1:2181 again, same session"])
    }

    @Test func whatWasArmedAgainIsListed() {
        #expect(
            SessionNotices.lines(rearmed: [path("/a"), path("/b")], failed: [(path("/c"), "no")]) == [
                "watches armed again: /a, /b", "watch /c is lost: no",
            ])
        #expect(SessionNotices.lines(rearmed: [], failed: []) == [])
    }
}
