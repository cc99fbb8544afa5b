import Support
import Testing
import ZKCore

@testable import ZKTree

@Suite("Parts of the tree", .timeLimit(.minutes(10)))
struct PartsTests {
    @Test func theChecksumIsThatOfZlib() {
        func crc(_ bytes: [UInt8], after value: UInt32 = 0) -> UInt32 {
            var crc = CRC32(after: value)
            bytes.withUnsafeBytes { crc.update($0) }
            return crc.value
        }
        #expect(crc(Array("123456789".utf8)) == 0xCBF4_3926)
        #expect(crc([]) == 0)
        #expect(crc([UInt8](repeating: 0, count: 32)) == 0x190A_55AD)
        #expect(crc(Array(0...255)) == 0x2905_8C73)
        let bytes = (0..<100).map { UInt8(truncatingIfNeeded: $0 &* 37) }
        for split in 0...bytes.count {
            #expect(crc(Array(bytes[split...]), after: crc(Array(bytes[..<split]))) == crc(bytes))
        }
    }

    @Test func theIndexFindsWhatIsInIt() {
        var random = SeededGenerator(seed: 7)
        var index = HashIndex()
        var model: [UInt32: UInt32] = [:]
        for step in 1...20_000 {
            // Few hashes, so that most collide.
            let value = UInt32.random(in: 1...3_000, using: &random)
            let hash = value % 97 &* 0x9E37_79B9
            if model.removeValue(forKey: value) != nil {
                index.remove(hash: hash, index: value)
            } else {
                model[value] = hash
                index.insert(hash: hash, index: value)
            }
            if step % 500 == 0 {
                for value in 1...3_000 as ClosedRange<UInt32> {
                    let hash = value % 97 &* 0x9E37_79B9
                    let found = index.find(hash: hash) { $0 == value }
                    #expect((found == value) == (model[value] != nil))
                }
            }
        }
        let count = index.count
        #expect(count == model.count)
    }

    @Test func theIndexFindsWhatIsLeftWhenItBecomesSmall() {
        var index = HashIndex()
        func hash(_ value: UInt32) -> UInt32 { value &* 0x9E37_79B9 }
        for value in 1...50_000 as ClosedRange<UInt32> { index.insert(hash: hash(value), index: value) }
        let most = index.capacity
        for value in 101...50_000 as ClosedRange<UInt32> { index.remove(hash: hash(value), index: value) }
        let capacity = index.capacity
        #expect(capacity <= most / 8)
        for value in 1...1000 as ClosedRange<UInt32> {
            let found = index.find(hash: hash(value)) { $0 == value }
            #expect((found == value) == (value <= 100))
        }
    }

    // MARK: Memory

    /// A block of random bytes for each of `sizes`.
    private static func blobs(
        _ sizes: [Int], in heap: inout BlockHeap, _ random: inout SeededGenerator
    ) -> [(blob: Blob, bytes: [UInt8])] {
        sizes.map { size in
            let bytes = (0..<size).map { _ in UInt8.random(in: 0...255, using: &random) }
            return (bytes.withUnsafeBytes { heap.makeBlob($0) }, bytes)
        }
    }

    @Test func freedBlocksServeOtherSizes() {
        var random = SeededGenerator(seed: 3)
        var heap = BlockHeap()
        var most = 0
        for size in stride(from: 20, through: 500, by: 32) {
            let count = (1 << 20) / size
            for made in Self.blobs([Int](repeating: size, count: count), in: &heap, &random) { heap.free(made.blob) }
            most = max(most, heap.chunkCount)
        }
        #expect(most <= 6)
        let left = heap.chunkCount
        #expect(left <= 1)
    }

    @Test func blocksHoldWhatWasPutIntoThem() {
        var random = SeededGenerator(seed: 4)
        var heap = BlockHeap()
        var live: [(blob: Blob, bytes: [UInt8])] = []
        for _ in 0..<40 {
            let sizes = (0..<2000).map { _ in Int.random(in: 0...600, using: &random) }
            live += Self.blobs(sizes, in: &heap, &random)
            live.shuffle(using: &random)
            let gone = live.suffix(Int.random(in: 0...live.count, using: &random))
            for made in gone {
                #expect(made.blob.bytes.elementsEqual(made.bytes))
                heap.free(made.blob)
            }
            live.removeLast(gone.count)
        }
        for made in live {
            #expect(made.blob.bytes.elementsEqual(made.bytes))
            heap.free(made.blob)
        }
        let left = heap.chunkCount
        #expect(left <= 1)
    }

    @Test func freedSlotsReadAsZerosOrAsTheyWere() {
        var slab = Slab<UInt64>()
        for round in 1...3 as ClosedRange<UInt64> {
            let indices = (0..<20_000).map { _ in slab.allocate() }
            #expect(Set(indices).count == indices.count)
            for index in indices { slab[index].initialize(to: round << 32 | UInt64(index)) }
            for index in indices { #expect(slab[index].pointee == round << 32 | UInt64(index)) }
            for index in indices { slab.release(index) }
            for index in indices {
                let value = slab[index].pointee
                #expect(value == 0 || value == round << 32 | UInt64(index))
            }
        }
        let zeros = (4096..<16_384 as Range<UInt32>).filter { slab[$0].pointee == 0 }.count
        #expect(zeros > 10_000)
        let end = slab.end
        #expect(end == 20_001)
    }

    @Test(arguments: [
        ("127.0.0.1", "127.0.0.1", true), ("127.0.0.0/8", "127.9.9.9", true), ("127.0.0.0/8", "128.0.0.1", false),
        ("10.0.0.0/15", "10.1.2.3", true), ("10.0.0.0/15", "10.2.2.3", false), ("0.0.0.0/0", "9.9.9.9", true),
        ("::1", "::1", true), ("fe80::/10", "fe81::1", true), ("fe80::/10", "fec0::1", false),
        ("::/0", "1.2.3.4", false),
    ])
    func addressesLieInRanges(expression: String, address: String, expected: Bool) {
        #expect(IPAddressRange(expression)?.contains(address) == expected)
    }

    @Test(arguments: [
        "", "10.0.0.1/", "10.0.0.1/33", "10.0.0", "10.0.0.256", "10.0.0.1/-1", "x", "1::2::3", "12345::", "::1/129",
    ])
    func refusesWhatIsNoAddress(text: String) {
        #expect(IPAddressRange(text) == nil)
    }

    @Test(arguments: [
        (UString("a:b"), true), (":b", true), ("a:", false), ("a:b:c", false), ("a", false), ("", false),
        ("a:b:", true),
    ])
    func digestIDsHaveTwoParts(id: UString, expected: Bool) {
        #expect(ACLScheme.digest.isValid(id) == expected)
    }

    @Test(arguments: [
        ("CN=client1,O=Example", true), ("CN=a+OU=b,O=\"x,y\"", true), ("1.2.3=x", true), ("client1", false),
        ("XX=1", false),
        ("CN=\"x", false),
    ])
    func x509IDsAreDistinguishedNames(text: String, expected: Bool) {
        #expect(DistinguishedName.isValid(text) == expected)
    }

    @Test(arguments: ["count=2,bytes=10", "count=-1,bytes=5=;byteHardLimit=7;countHardLimit=2"])
    func quotaTextsComeOutAsTheyWentIn(text: String) {
        let stats = Array(text.utf8).withUnsafeBytes { StatsTrack($0) }
        #expect(stats?.text == text)
    }

    /// golden: raw-connect
    @Test func passwordsAreJavas() {
        #expect(
            SessionPassword.make(for: 0x1000029472c0000)
                == [
                    0x36, 0x09, 0x62, 0x14, 0x8b, 0xa1, 0x61, 0xe0, 0x04, 0x76, 0xd9, 0x5e, 0x4c, 0x20, 0xf1, 0x9b,
                ])
        #expect(!SessionPassword.isCorrect(SessionPassword.make(for: 0), for: 0))
        #expect(!SessionPassword.isCorrect(nil, for: 5))
    }

    @Test func sessionsExpireWithinATickAfterTheirTimeout() {
        var tracker = SessionTracker(tickMillis: 2_000, serverID: 1, seedMillis: 1, nowMillis: 500)
        let session = tracker.open(tracker.makeID(), timeoutMillis: 4_000, nowMillis: 500)
        func expired(at millis: Int64) -> [Int64] { tracker.expire(nowMillis: millis).map(\.id) }
        #expect(expired(at: 4_500) == [])
        session.lastHeardMillis = 4_500
        #expect(expired(at: 6_000) == [])
        #expect(expired(at: 8_500) == [])
        #expect(expired(at: 10_000) == [session.id])
        tracker.startClosing(session.id)
        #expect(expired(at: 60_000) == [])
    }

    @Test func sessionIDsAreNeverThoseOfContainersAndTTLs() {
        for seed in [0, 1, 1_795_217_717_382, Int64.max >> 24] as [Int64] {
            var tracker = SessionTracker(tickMillis: 1, serverID: 1, seedMillis: seed, nowMillis: 0)
            let id = tracker.makeID()
            #expect(UInt64(bitPattern: id) >> 56 == 1)
            #expect(EphemeralOwner(rawValue: id).sessionID == id)
            let next = tracker.makeID()
            #expect(next == id + 1)
        }
    }

    @Test(arguments: [
        ("/", true), ("/a", true), ("", false), ("a", false), ("/a/", false), ("/a//b", false), ("/.", false),
        ("/..", false),
        ("/...", true), ("/..a", true), ("/a\u{0}", false), ("/a\u{1F}", false), ("/a\u{7F}", false),
        ("/a\u{9F}", false),
        ("/a\u{A0}", true), ("/a\u{E000}", false), ("/a\u{F8FF}", false), ("/a\u{F900}", true), ("/a\u{FEFF}", true),
        ("/a\u{FFF0}", false), ("/é/日本", true),
    ])
    func pathsAreCheckedAsJavaDoes(path: String, expected: Bool) {
        #expect(Array(path.utf8).withUnsafeBytes { PathCheck.isValid($0) } == expected)
    }

    @Test func watchersHearOfAChangeOnce() {
        var watches = WatchManager(hasher: PathHasher(seed: 1))
        let one = watches.addWatcher(Requester())
        let two = watches.addWatcher(Requester())
        func add(_ path: String, _ watcher: UInt32, _ mode: AddWatchMode?) {
            Array(path.utf8).withUnsafeBytes {
                if let mode {
                    watches.addWatch($0, watcher: watcher, mode: mode)
                } else {
                    watches.addDataWatch($0, watcher: watcher)
                }
            }
        }
        func fire(_ path: String) -> Set<UInt32> {
            let watchers = Array(path.utf8).withUnsafeBytes { watches.fireData($0) }
            #expect(Set(watchers).count == watchers.count)
            return Set(watchers)
        }
        add("/a", one, nil)
        add("/a", one, nil)
        add("/a", one, .persistent)
        add("/a", two, nil)
        add("/", two, .persistentRecursive)
        #expect(fire("/a") == [one, two])
        #expect(fire("/a") == [one, two])
        #expect(fire("/b/c") == [two])
        watches.removeWatcher(two)
        #expect(fire("/a") == [one])
        #expect(fire("/b/c").isEmpty)
        watches.removeWatcher(one)
        let left = watches.watchCount
        #expect(left == 0)
    }
}
