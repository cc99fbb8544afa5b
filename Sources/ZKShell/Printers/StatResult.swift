public import ZKCore
public import ZKText

/// The metadata of a znode.
public struct StatResult: ShellResult {
    public var path: ZnodePath
    public var stat: Stat
    public var usesISOTimes: Bool
    public var isOneLine: Bool

    public init(path: ZnodePath, stat: Stat, usesISOTimes: Bool = false, isOneLine: Bool = false) {
        self.path = path
        self.stat = stat
        self.usesISOTimes = usesISOTimes
        self.isOneLine = isOneLine
    }

    public var json: JSONValue {
        .members(["path": JSONValue(path), "stat": JSONValue(stat)])
    }

    public func writePlain(to output: Output) throws(ShellError) {
        let block = StatResult.block(stat, usesISOTimes: usesISOTimes || isOneLine)
        guard isOneLine else { return try output.write(block) }
        let fields = block.split(separator: "\n").map { line in
            let parts = line.split(separator: " ", maxSplits: 2)
            return "\(parts[0])=\(parts[2])"
        }
        try output.writeLine("\(path) " + fields.joined(separator: " "))
    }

    /// zkCli's eleven lines.
    static func block(_ stat: Stat, usesISOTimes: Bool = false) -> String {
        let time = usesISOTimes ? Timestamp.iso : Timestamp.java
        return """
            cZxid = \(stat.czxid)
            ctime = \(time(stat.ctimeMillis))
            mZxid = \(stat.mzxid)
            mtime = \(time(stat.mtimeMillis))
            pZxid = \(stat.pzxid)
            cversion = \(stat.cversion)
            dataVersion = \(stat.version)
            aclVersion = \(stat.aversion)
            ephemeralOwner = \(Hex.number(stat.ephemeralOwner))
            dataLength = \(stat.dataLength)
            numChildren = \(stat.numChildren)

            """
    }
}
