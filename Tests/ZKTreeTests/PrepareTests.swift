import Testing
import ZKCore

@testable import ZKTree

@Suite("Prepare and apply", .timeLimit(.minutes(10)))
struct PrepareTests {
    @Test func aZnodeTakes112Bytes() {
        #expect(MemoryLayout<Znode>.size == 112)
    }

    /// What is checked first decides: each row breaks several rules at once.
    @Test(arguments: [
        ("/no/x", Int32(9), [ACL](), ErrorCode.badArguments), ("x", 0, [], .badArguments),
        ("/no/x", 0, [], .invalidACL),
        ("/no/x", 0, .openUnsafe, .noNode), ("/ro/.", 0, .openUnsafe, .noAuth), ("/e/.", 0, .openUnsafe, .badArguments),
        ("/e", 0, .openUnsafe, .nodeExists), ("/e/x", 0, .openUnsafe, .noChildrenForEphemerals),
        ("e/x", 0, .openUnsafe, .noNode), ("/p//x", 0, .openUnsafe, .noNode), ("/p/x", 5, .openUnsafe, .badArguments),
        ("/p/x", 0, .openUnsafe, .ok),
    ])
    func refusesForTheFirstReason(path: String, flags: Int32, acl: [ACL], expected: ErrorCode) {
        let harness = TreeHarness()
        harness.create("/p")
        harness.create("/e", flags: 1)
        harness.create("/ro", acl: .readUnsafe)
        #expect(harness.create(path, flags: flags, acl: acl) == expected)
    }

    @Test func refusedRequestsTakeAZxid() {
        let harness = TreeHarness()
        let before = harness.tree.lastProcessedZxid
        #expect(harness.create("/no/x") == .noNode)
        let after = harness.tree.lastProcessedZxid
        #expect(after == before + 1)
    }

    @Test func nothingInFlightIsVisible() {
        let harness = TreeHarness()
        let create = harness.prepareCreate("/a", data: [1])
        let set = harness.prepareSetData("/a", [2], version: 0)
        #expect(harness.stat("/a") == nil)
        harness.apply(create)
        #expect(harness.data("/a") == [1])
        harness.apply(set)
        #expect(harness.data("/a") == [2])
        #expect(harness.stat("/a")?.version == 1)
    }

    @Test func aZnodeIsDeletedAndMadeAgainInFlight() {
        let harness = TreeHarness()
        harness.create("/a", data: [1])
        let txns = [
            harness.prepareDelete("/a"), harness.prepareCreate("/a", data: [2]), harness.prepareCreate("/a/b"),
            harness.prepareDelete("/a/b"), harness.prepareDelete("/a"), harness.prepareCreate("/a", data: [3]),
        ]
        #expect(txns.allSatisfy { $0.type != .error })
        #expect(harness.data("/a") == [1])
        let states = txns.map { txn -> [UInt8]? in
            harness.apply(txn)
            return harness.data("/a")
        }
        #expect(states == [nil, [2], [2], [2], nil, [3]])
        // Three creates and two deletes, and /zookeeper, whose create does not count.
        let cversion = harness.stat("/")?.cversion
        #expect(cversion == 4)
    }

    @Test func aFailedMultiLeavesNothingBehind() {
        let harness = TreeHarness()
        harness.create("/a", data: [1])
        let pending = harness.prepareSetData("/a", [2])
        let multi = harness.prepareMulti([
            .create("/b"), .create("/b/c"), .setData("/a", [9]), .delete("/b/c"), .delete("/none"), .create("/d"),
        ])
        #expect(multi.detail?.parts.map(\.type) == [.create, .create, .setData, .delete, .error, .error])
        let next = harness.prepareSetData("/a", [3], version: 1)
        #expect(next.type == .setData)
        for txn in [pending, multi, next] { harness.apply(txn) }
        #expect(harness.data("/a") == [3])
        #expect(harness.stat("/b") == nil)
        #expect(harness.stat("/a")?.version == 2)
        #expect(harness.changesInFlight == 0)
    }

    @Test func partsOfAMultiSeeTheOnesBefore() {
        let harness = TreeHarness()
        let multi = harness.prepareMulti([
            .create("/m"), .setData("/m", [1]), .check("/m", 1), .create("/m/x"), .delete("/m/x"), .delete("/m"),
            .create("/m"),
        ])
        #expect(multi.value == 0)
        harness.apply(multi)
        #expect(harness.stat("/m")?.version == 0)
        #expect(harness.changesInFlight == 0)
    }

    @Test func theSequenceIsTheParentsCountOfCreates() {
        let harness = TreeHarness()
        harness.create("/q")
        let names = [0, 1, 2].map { number -> String in
            if number == 1 { harness.create("/q/ordinary") }
            let txn = harness.prepareCreate("/q/s-", flags: 2)
            harness.apply(txn)
            return harness.path(of: txn)
        }
        #expect(names == ["/q/s-0000000000", "/q/s-0000000002", "/q/s-0000000003"])
    }

    /// golden: seq-large-cversion
    @Test func theSequenceStandsStillAtItsMaximum() {
        let harness = TreeHarness()
        harness.create("/q")
        let index = harness.tree.findCommitted("/q")
        harness.tree.znode(index).pointee.cversion = .max
        let first = harness.prepareCreate("/q/s-", flags: 2)
        harness.apply(first)
        #expect(harness.path(of: first) == "/q/s-2147483647")
        let cversion = harness.tree.znode(index).pointee.cversion
        #expect(cversion == .max)
        #expect(harness.create("/q/s-", flags: 2) == .nodeExists)
    }

    @Test func negativeCountersHaveTenPlaces() {
        var name: [UInt8] = []
        name.appendSequence(-5)
        #expect(String(decoding: name, as: UTF8.self) == "-000000005")
    }

    @Test func closingASessionDeletesWhatItWillOwn() {
        let harness = TreeHarness()
        harness.create("/e1", flags: 1)
        harness.create("/e2", flags: 1)
        let txns = [
            harness.prepareDelete("/e1"), harness.prepareCreate("/e3", flags: 1), harness.prepareCloseSession(),
        ]
        for txn in txns { harness.apply(txn) }
        #expect(["/e1", "/e2", "/e3"].allSatisfy { harness.stat($0) == nil })
        #expect(txns[2].detail?.znodes.count == 2)
        #expect(harness.changesInFlight == 0)
        let ephemerals = harness.tree.ephemeralCount
        #expect(ephemerals == 0)
    }

    @Test func authStandsForEveryAuthenticatedIdentity() {
        let harness = TreeHarness()
        let anyAuth = [ACL(perms: .all, identity: .authenticated)]
        #expect(harness.create("/a", acl: anyAuth) == .invalidACL)
        harness.requester.add(ACLIdentity(scheme: "digest", id: "a:x"))
        harness.requester.add(ACLIdentity(scheme: "digest", id: "b:y"))
        #expect(harness.create("/a", acl: anyAuth) == .ok)
        #expect(harness.acl("/a").map(\.identity.id) == ["a:x", "b:y"])
        harness.requester = Requester(identities: [ACLIdentity(scheme: "digest", id: "c:z")])
        #expect(harness.create("/a/b") == .noAuth)
    }

    @Test func hardQuotasRefuseAndSoftOnesDoNot() {
        let harness = TreeHarness { $0.enforceQuota = true }
        harness.create("/a")
        harness.create("/zookeeper/quota/a")
        harness.create(
            "/zookeeper/quota/a/zookeeper_limits",
            data: Array("count=1,bytes=-1=;byteHardLimit=5;countHardLimit=3".utf8))
        harness.create("/zookeeper/quota/a/zookeeper_stats", data: Array("count=0,bytes=0".utf8))
        func stats() -> String {
            String(decoding: harness.data("/zookeeper/quota/a/zookeeper_stats") ?? [], as: UTF8.self)
        }
        #expect(stats() == "count=1,bytes=0")
        #expect(harness.create("/a/b", data: [1, 2]) == .ok)
        #expect(harness.create("/a/c", data: [1, 2, 3, 4]) == .quotaExceeded)
        #expect(harness.create("/a/c", data: []) == .ok)
        #expect(harness.create("/a/d", data: []) == .quotaExceeded)
        #expect(harness.apply(harness.prepareSetData("/a/c", [1, 2, 3, 4])) == .quotaExceeded)
        // The quota comes before the version.
        #expect(harness.apply(harness.prepareSetData("/a/c", [1, 2, 3, 4], version: 7)) == .quotaExceeded)
        #expect(harness.apply(harness.prepareDelete("/a/b")) == .ok)
        #expect(stats() == "count=2,bytes=0")
        #expect(harness.stat("/zookeeper/quota/a/zookeeper_stats")?.version == 0)
    }

    @Test func reapsUsedContainersAndOldTTLs() {
        let harness = TreeHarness()
        harness.create("/c", type: .createContainer, flags: 4)
        harness.create("/t", type: .createTTL, flags: 5, ttl: 100)
        #expect(harness.stat("/c")?.ephemeralOwner == 0)
        #expect(harness.reapable(after: 0).isEmpty)
        #expect(harness.reapable(after: 100).isEmpty)
        #expect(harness.reapable(after: 101) == ["/t"])
        #expect(harness.reapable(after: 51, neverUsedMillisMax: 50) == ["/c"])
        harness.create("/c/x")
        harness.create("/t/x")
        #expect(harness.reapable(after: 999).isEmpty)
        harness.apply(harness.prepareDelete("/c/x"))
        #expect(harness.reapable(after: 0) == ["/c"])
    }

    /// Whatever replaces a container or keeps it, before the reaper's own delete, is in flight when the reaper looks.
    @Test func reapsNothingThatATxnInFlightTouches() {
        let harness = TreeHarness()
        harness.create("/c", type: .createContainer, flags: 4)
        harness.create("/c/x")
        harness.apply(harness.prepareDelete("/c/x"))
        harness.create("/t", type: .createTTL, flags: 5, ttl: 100)
        #expect(harness.reapable(after: 101) == ["/c", "/t"])
        let replacing = [harness.prepareDelete("/c"), harness.prepareCreate("/c"), harness.prepareSetData("/t", [1])]
        #expect(harness.reapable(after: 101).isEmpty)
        for txn in replacing { harness.apply(txn) }
        #expect(!harness.reapable(after: 101).contains("/c"), "it is a plain znode now")
        let used = harness.prepareCreate("/t/x")
        #expect(harness.reapable(after: 10_000).isEmpty)
        harness.apply(used)
    }

    private static func quotaHarness() -> TreeHarness {
        let harness = TreeHarness { $0.enforceQuota = true }
        harness.create("/a")
        harness.create("/zookeeper/quota/a")
        harness.create(
            "/zookeeper/quota/a/zookeeper_limits",
            data: Array("count=-1,bytes=-1=;byteHardLimit=100;countHardLimit=6".utf8))
        harness.create("/zookeeper/quota/a/zookeeper_stats", data: Array("count=0,bytes=0".utf8))
        return harness
    }

    @Test func quotasCountWhatIsInFlight() {
        let harness = Self.quotaHarness()
        let creates = (0..<20).map { harness.prepareCreate("/a/\($0)", data: [1]) }
        #expect(creates.count { $0.type == .create } == 5)
        // A delete in flight makes room for one, since it is done before it.
        let delete = harness.prepareDelete("/a/0")
        let another = harness.prepareCreate("/a/another")
        #expect(another.type == .create)
        #expect(harness.prepareCreate("/a/more").error == .quotaExceeded)
        // What does not come about counts for nothing.
        let failed = harness.prepareMulti([.delete("/a/1"), .delete("/a/none")])
        #expect(harness.prepareCreate("/a/more").error == .quotaExceeded)
        for txn in creates + [delete, another, failed] { harness.apply(txn) }
        #expect(harness.stat("/a")?.numChildren == 5)
        #expect(harness.create("/a/more") == .quotaExceeded)
        harness.apply(harness.prepareDelete("/a/1"))
        #expect(harness.create("/a/more") == .ok)
    }

    @Test func quotasOfBytesCountWhatIsInFlight() {
        let harness = Self.quotaHarness()
        harness.create("/a/x", data: [UInt8](repeating: 1, count: 60))
        let first = harness.prepareSetData("/a/x", [UInt8](repeating: 1, count: 90))
        #expect(first.type == .setData)
        #expect(harness.prepareCreate("/a/y", data: [UInt8](repeating: 1, count: 20)).error == .quotaExceeded)
        let second = harness.prepareSetData("/a/x", [])
        let third = harness.prepareCreate("/a/y", data: [UInt8](repeating: 1, count: 100))
        #expect(third.type == .create)
        for txn in [first, second, third] { harness.apply(txn) }
        #expect(harness.create("/a/z", data: [1]) == .quotaExceeded)
    }

    /// A limit that was changed holds for what comes behind the change.
    @Test func limitsInFlightHold() {
        let harness = Self.quotaHarness()
        let change = harness.prepareSetData(
            "/zookeeper/quota/a/zookeeper_limits", Array("count=-1,bytes=-1=;byteHardLimit=-1;countHardLimit=1".utf8))
        #expect(harness.prepareCreate("/a/x").error == .quotaExceeded)
        harness.apply(change)
    }

    @Test func everybodyOfSASLMayBeNamed() {
        let harness = TreeHarness {
            $0.extraSchemes = ["sasl"]
            $0.anySASLUser = "everyone"
        }
        harness.requester.add(ACLIdentity(scheme: "sasl", id: "bob"))
        #expect(harness.create("/a", acl: [ACL(perms: .all, scheme: "sasl", id: "everyone")]) == .ok)
        #expect(harness.create("/b", acl: [ACL(perms: .all, scheme: "sasl", id: "alice")]) == .ok)
        #expect(harness.apply(harness.prepareSetData("/a", [1])) == .ok)
        #expect(harness.apply(harness.prepareSetData("/b", [1])) == .noAuth)
    }

    @Test func withoutTheSchemeDigestNobodyIsMeantByIt() {
        let harness = TreeHarness { $0.hasDigestScheme = false }
        let acl = [ACL(perms: .all, scheme: "digest", id: "bob:x")]
        #expect(harness.create("/a", acl: acl) == .invalidACL)
        #expect(TreeHarness().create("/a", acl: acl) == .ok)
    }

    /// Source: `KerberosName`.
    @Test(arguments: [
        ("user@R/server.com", false), ("a/b/c@R", false), ("a@b@c", false), ("@", true), ("@R", true), ("a@", true),
        ("a/b@R", true), ("/@", true), ("anything/without/it", true), ("", true),
    ])
    func idsOfSASLFollowTheRuleOfKerberos(id: String, isValid: Bool) {
        let harness = TreeHarness { $0.extraSchemes = ["sasl"] }
        let code = harness.create("/a", acl: [ACL(perms: .all, scheme: "sasl", id: UString(id))])
        #expect(code == (isValid ? .ok : .invalidACL))
    }
}
