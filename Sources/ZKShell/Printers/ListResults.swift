public import ZKCore
public import ZKText

/// A path of a recursive list.
public struct PathResult: ShellResult {
    public var path: ZnodePath

    public init(path: ZnodePath) {
        self.path = path
    }

    public var json: JSONValue { .members(["path": JSONValue(path)]) }

    public func writePlain(to output: Output) throws(ShellError) {
        try output.writeLine(path.string)
    }
}

/// A number of znodes.
public struct CountResult: ShellResult {
    public var path: ZnodePath
    public var count: Int

    public init(path: ZnodePath, count: Int) {
        self.path = path
        self.count = count
    }

    public var json: JSONValue { .members(["path": JSONValue(path), "count": .int(Int64(count))]) }

    public func writePlain(to output: Output) throws(ShellError) {
        try output.writeLine(String(count))
    }
}

/// Children with their stats.
public struct DetailedListResult: ShellResult {
    public struct Row: Sendable {
        public var name: String
        public var stat: Stat
        public var kind: ZnodeKind

        public init(name: String, stat: Stat, kind: ZnodeKind? = nil) {
            self.name = name
            self.stat = stat
            self.kind = kind ?? ZnodeKind(stat)
        }
    }

    public var path: ZnodePath
    public var rows: [Row]
    /// Of the parent.
    public var stat: Stat?
    public var isLong: Bool
    public var marksKinds: Bool
    public var isOneColumn: Bool

    public var json: JSONValue {
        .members([
            "path": JSONValue(path),
            "children": .array(
                rows.map { .members(["name": .string($0.name), "stat": JSONValue($0.stat)]) }),
            "stat": stat.map(JSONValue.init),
        ])
    }

    public func writePlain(to output: Output) throws(ShellError) {
        if isLong { return try writeTable(to: output) }
        try ChildrenResult(path: path, children: rows.map(displayName), stat: stat, isOneColumn: isOneColumn)
            .writePlain(to: output)
    }

    public func writeRaw(to output: Output) throws(ShellError) {
        for row in rows { try output.writeLine(row.name) }
    }

    public func writeTable(to output: Output) throws(ShellError) {
        let table = Table(
            columns: [
                .init("KIND"), .init("VERSION", isNumber: true), .init("CHILDREN", isNumber: true),
                .init("BYTES", isNumber: true), .init("MODIFIED"), .init("NAME"),
            ])
        try table.write(rows, to: output) { row in
            [
                row.kind.rawValue, String(row.stat.version), String(row.stat.numChildren),
                String(row.stat.dataLength), Timestamp.iso(millis: row.stat.mtimeMillis), displayName(row),
            ]
        }
        if let stat { try output.write(StatResult.block(stat)) }
    }

    private func displayName(_ row: Row) -> String {
        guard marksKinds else { return row.name }
        if row.stat.numChildren > 0 { return row.name + "/" }
        return row.kind == .ephemeral ? row.name + "@" : row.name
    }
}

/// What a stat tells of the kind of a znode.
public enum ZnodeKind: String, Sendable {
    case persistent
    case ephemeral
    case container
    case ttl

    public init(_ stat: Stat) {
        self.init(EphemeralOwner(rawValue: stat.ephemeralOwner))
    }

    init(_ owner: EphemeralOwner) {
        self =
            switch owner {
            case .persistent: .persistent
            case .session: .ephemeral
            case .container: .container
            case .ttl: .ttl
            }
    }
}
