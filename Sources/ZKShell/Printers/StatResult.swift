public import ZKCore

/// The metadata of a znode.
public struct StatResult: ShellResult {
    public var path: ZnodePath
    public var stat: Stat

    public init(path: ZnodePath, stat: Stat) {
        self.path = path
        self.stat = stat
    }

    public var json: JSONValue {
        .members(["path": JSONValue(path), "stat": JSONValue(stat)])
    }

    public func writePlain(to output: Output) throws(ShellError) {
        try output.write(StatResult.block(stat))
    }

    /// zkCli's eleven lines.
    static func block(_ stat: Stat) -> String {
        """
        cZxid = \(stat.czxid)
        ctime = \(Timestamp.java(millis: stat.ctimeMillis))
        mZxid = \(stat.mzxid)
        mtime = \(Timestamp.java(millis: stat.mtimeMillis))
        pZxid = \(stat.pzxid)
        cversion = \(stat.cversion)
        dataVersion = \(stat.version)
        aclVersion = \(stat.aversion)
        ephemeralOwner = \(hex(stat.ephemeralOwner))
        dataLength = \(stat.dataLength)
        numChildren = \(stat.numChildren)

        """
    }
}
