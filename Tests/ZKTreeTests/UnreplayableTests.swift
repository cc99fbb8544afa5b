import Testing
import ZKCore

@testable import ZKTree

/// What Apache ZooKeeper 3.9.4 ends of when it applies or replays it is refused, so that it can take the directory over.
@Suite(.timeLimit(.minutes(10))) struct UnreplayableTests {
    @Test(arguments: [
        "/zookeeper/quota/zookeeper_limits", "/zookeeper/zookeeper_limits", "/zookeeper/foo/zookeeper_limits",
        "/zookeeper2/zookeeper_limits", "/zookeeper/quota/ /zookeeper_limits",
        "/zookeeper/quota/zookeeper_limits2/zookeeper_limits",
    ])
    func limitsOfNothingAreRefused(path: String) {
        let harness = TreeHarness()
        var parent = ""
        for name in path.split(separator: "/").dropLast() {
            parent += "/\(name)"
            harness.create(parent)
        }
        #expect(harness.stat(parent) != nil)
        #expect(harness.create(path) == .badArguments)
        #expect(harness.create(path, type: .createContainer, flags: 4) == .badArguments)
        #expect(harness.apply(harness.prepareDelete(path)) == .badArguments)
        let multi = harness.prepareMulti([.create("/before"), .create(path)])
        #expect(multi.value == ErrorCode.badArguments.rawValue)
    }

    @Test(arguments: [
        "/zookeeper/quota/a/zookeeper_limits", "/zookeeper/quota/zookeeper_limits2", "/zookeeper_limits",
        "/a/zookeeper_limits", "/zookeeper/quotas/zookeeper_limits", "/zookeeper/quota/ a/zookeeper_limits",
    ])
    func othersAreTaken(path: String) {
        let harness = TreeHarness()
        var made = ""
        for name in path.split(separator: "/") {
            made += "/\(name)"
            harness.create(made)
        }
        #expect(harness.stat(path) != nil)
        #expect(harness.apply(harness.prepareDelete(path)) == .ok)
    }

    @Test(arguments: [
        ("count=1,bytes=2", true), ("", true), (";", true), ("count=1,bytes=2=;countHardLimit=3", true), ("=5", true),
        ("count=1,,bytes=2;", true), ("a==b", true),
        ("count", false), ("count=", false), ("count=x", false), (",count=1", false), ("count=1,bytes", false),
        ("=", false), ("count=99999999999999999999", false),
    ])
    func countersOfAQuotaStayReadable(text: String, isTaken: Bool) {
        let harness = TreeHarness()
        for path in ["/zookeeper/quota/a", "/zookeeper/quota/a/zookeeper_limits", "/zookeeper/quota/a/zookeeper_stats"]
        {
            #expect(harness.create(path, data: Array("count=5,bytes=-1".utf8)) == .ok)
        }
        let path = "/zookeeper/quota/a/zookeeper_stats"
        #expect(harness.apply(harness.prepareSetData(path, nil)) == .badArguments)
        #expect(harness.apply(harness.prepareSetData(path, Array(text.utf8))) == (isTaken ? .ok : .badArguments))
        #expect(harness.create("/a") == .ok)
        // Elsewhere it is data like any other.
        harness.create("/zookeeper_stats")
        #expect(harness.apply(harness.prepareSetData("/zookeeper_stats", Array(text.utf8))) == .ok)
    }
}
