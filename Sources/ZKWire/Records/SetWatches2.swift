public import NIOCore
public import ZKCore

/// The body of setWatches2: setWatches with persistent watches.
public struct SetWatches2: JuteRecord, Hashable {
    /// Changes after this one are reported at once.
    public var relativeZxid: Zxid
    public var dataWatches: [UString]
    public var existWatches: [UString]
    public var childWatches: [UString]
    public var persistentWatches: [UString]
    public var persistentRecursiveWatches: [UString]

    public init(
        relativeZxid: Zxid, dataWatches: [UString], existWatches: [UString], childWatches: [UString],
        persistentWatches: [UString], persistentRecursiveWatches: [UString]
    ) {
        self.relativeZxid = relativeZxid
        self.dataWatches = dataWatches
        self.existWatches = existWatches
        self.childWatches = childWatches
        self.persistentWatches = persistentWatches
        self.persistentRecursiveWatches = persistentRecursiveWatches
    }

    public init(from reader: inout JuteReader) throws(JuteError) {
        relativeZxid = try reader.readZxid()
        dataWatches = try reader.readStrings()
        existWatches = try reader.readStrings()
        childWatches = try reader.readStrings()
        persistentWatches = try reader.readStrings()
        persistentRecursiveWatches = try reader.readStrings()
    }

    public func encode(into buffer: inout ByteBuffer) {
        buffer.writeJute(relativeZxid)
        buffer.writeJute(dataWatches)
        buffer.writeJute(existWatches)
        buffer.writeJute(childWatches)
        buffer.writeJute(persistentWatches)
        buffer.writeJute(persistentRecursiveWatches)
    }
}
