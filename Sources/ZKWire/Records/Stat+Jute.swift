public import NIOCore
public import ZKCore

extension Stat {
    /// The bytes of a stat on the wire.
    public static let encodedBytes = 68
}

extension StatPersisted {
    /// The bytes of a stat in a snapshot.
    public static let encodedBytes = 60
}

extension JuteReader {
    public mutating func readStat() throws(JuteError) -> Stat {
        Stat(
            czxid: try readZxid(), mzxid: try readZxid(), ctimeMillis: try readInt64(), mtimeMillis: try readInt64(),
            version: try readInt32(), cversion: try readInt32(), aversion: try readInt32(),
            ephemeralOwner: try readInt64(), dataLength: try readInt32(), numChildren: try readInt32(),
            pzxid: try readZxid())
    }

    public mutating func readStatPersisted() throws(JuteError) -> StatPersisted {
        StatPersisted(
            czxid: try readZxid(), mzxid: try readZxid(), ctimeMillis: try readInt64(), mtimeMillis: try readInt64(),
            version: try readInt32(), cversion: try readInt32(), aversion: try readInt32(),
            ephemeralOwner: try readInt64(), pzxid: try readZxid())
    }
}

extension ByteBuffer {
    public mutating func writeJute(_ stat: Stat) {
        writeMultipleIntegers(
            stat.czxid.rawValue, stat.mzxid.rawValue, stat.ctimeMillis, stat.mtimeMillis, stat.version, stat.cversion,
            stat.aversion, stat.ephemeralOwner, stat.dataLength, stat.numChildren, stat.pzxid.rawValue)
    }

    public mutating func writeJute(_ stat: StatPersisted) {
        writeMultipleIntegers(
            stat.czxid.rawValue, stat.mzxid.rawValue, stat.ctimeMillis, stat.mtimeMillis, stat.version, stat.cversion,
            stat.aversion, stat.ephemeralOwner, stat.pzxid.rawValue)
    }
}
