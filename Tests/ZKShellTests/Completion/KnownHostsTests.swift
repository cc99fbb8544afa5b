import Testing

@testable import ZKShell

@Suite struct KnownHostsTests {
    @Test func theNewestComesFirstAndEachOnce() {
        let lines = [
            "connect zk1:2181", "get /a", "connect", "connect zk2:2181/app", "connect zk1:2181", "connect a b",
        ]
        #expect(KnownHosts.hosts(inHistory: lines) == ["zk1:2181", "zk2:2181/app"])
    }
}
