import Testing
import ZKCore

@Suite struct ZxidTests {
    @Test func splitsIntoEpochAndCounter() {
        let zxid = Zxid(epoch: 5, counter: 0x2a)
        #expect(zxid.rawValue == 0x5_0000_002a)
        #expect(zxid.epoch == 5)
        #expect(zxid.counter == 0x2a)
        #expect("\(zxid)" == "0x50000002a")
        #expect(zxid.hex == "50000002a")
        #expect(Zxid(epoch: 0xffff_ffff, counter: 0xffff_ffff).rawValue == -1)
        #expect(Zxid(rawValue: -1).hex == "ffffffffffffffff")
    }

    @Test func counterRunsOverIntoTheEpoch() {
        #expect(Zxid(epoch: 1, counter: .max).next == Zxid(epoch: 2, counter: 0))
        #expect(Zxid(rawValue: .max).next.rawValue == .min)
    }

    @Test func ordersByNumber() {
        #expect(Zxid(epoch: 1, counter: 9) < Zxid(epoch: 2, counter: 0))
        #expect(!(Zxid.zero < .zero))
    }
}

@Suite struct EphemeralOwnerTests {
    @Test(
        arguments: [
            (0, .persistent), (1, .session(1)), (0x1000_0294_72c0_00c, .session(0x1000_0294_72c0_00c)),
            (.min, .container), (Int64(bitPattern: 0xff00_0000_0000_0001), .ttl(millis: 1)),
            (Int64(bitPattern: 0xff00_00ff_ffff_ffff), .ttl(millis: 0xff_ffff_ffff)),
            (Int64(bitPattern: 0xff00_0000_0000_0000), .ttl(millis: 0)),
            // Reserved bits are set: a session of server 255.
            (Int64(bitPattern: 0xff00_0100_0000_0001), .session(Int64(bitPattern: 0xff00_0100_0000_0001))),
            (-1, .session(-1)),
        ] as [(Int64, EphemeralOwner)])
    func readsAndWritesTheField(_ raw: Int64, _ owner: EphemeralOwner) {
        #expect(EphemeralOwner(rawValue: raw) == owner)
        #expect(owner.rawValue == raw)
    }

    @Test func withoutExtendedTypesATTLIsASession() {
        let raw = Int64(bitPattern: 0xff00_0000_0000_0001)
        #expect(EphemeralOwner(rawValue: raw, extendedTypesEnabled: false) == .session(raw))
        #expect(EphemeralOwner(rawValue: .min, extendedTypesEnabled: false) == .container)
    }

    @Test func onlySessionsOwn() {
        #expect(EphemeralOwner.session(7).sessionID == 7)
        #expect(EphemeralOwner.container.sessionID == nil)
        #expect(EphemeralOwner.ttl(millis: 7).sessionID == nil)
        #expect(EphemeralOwner.persistent.sessionID == nil)
    }
}

@Suite struct PermissionsTests {
    @Test(
        arguments: [
            (.all, "cdrwa"), (.read, "r"), ([.read, .write], "rw"), ([.create, .delete], "cd"), (.admin, "a"), ([], ""),
            (Permissions(rawValue: 32), ""), (Permissions(rawValue: -1), "cdrwa"),
        ] as [(Permissions, String)])
    func lettersStandInTheOrderOfZkCli(_ perms: Permissions, _ letters: String) {
        #expect(perms.letters == letters)
    }

    @Test func unknownBitsSurvive() {
        #expect(Permissions(rawValue: 63).rawValue == 63)
        #expect(Permissions.all.rawValue == 31)
    }
}

@Suite struct CreateModeTests {
    @Test func flagsAreZooKeepers() {
        let expected: [(CreateMode, ephemeral: Bool, sequential: Bool, container: Bool, ttl: Bool)] = [
            (.persistent, false, false, false, false), (.ephemeral, true, false, false, false),
            (.persistentSequential, false, true, false, false), (.ephemeralSequential, true, true, false, false),
            (.container, false, false, true, false), (.persistentWithTTL, false, false, false, true),
            (.persistentSequentialWithTTL, false, true, false, true),
        ]
        #expect(expected.map(\.0) == CreateMode.allCases)
        for (index, row) in expected.enumerated() {
            #expect(row.0.rawValue == Int32(index))
            #expect(row.0.isEphemeral == row.ephemeral)
            #expect(row.0.isSequential == row.sequential)
            #expect(row.0.isContainer == row.container)
            #expect(row.0.hasTTL == row.ttl)
        }
        #expect(CreateMode(rawValue: 7) == nil)
        #expect(CreateMode(rawValue: -1) == nil)
    }
}

@Suite struct CodeTests {
    @Test func unknownCodesSurviveAsNumbers() {
        #expect(ErrorCode(rawValue: -999).rawValue == -999)
        #expect("\(ErrorCode(rawValue: -999))" == "Unknown(-999)")
        #expect("\(ErrorCode.noNode)" == "NoNode")
        #expect("\(OpCode(rawValue: 99))" == "op 99")
        #expect("\(OpCode.getChildren2)" == "getChildren2")
        #expect("\(EventType(rawValue: 42))" == "Unknown(42)")
        #expect("\(KeeperState.expired)" == "Expired")
    }

    @Test func namesAreDistinct() {
        let errors = Set((Int32(-130)...0).map { "\(ErrorCode(rawValue: $0))" })
        #expect(errors.count == 131)
        let ops = Set((Int32(-12)...110).map { "\(OpCode(rawValue: $0))" })
        #expect(ops.count == 123)
    }
}
