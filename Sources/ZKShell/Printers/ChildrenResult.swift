public import ZKCore
public import ZKText

/// The children of a znode, by name.
public struct ChildrenResult: ShellResult {
    public var path: ZnodePath
    /// In the order to print.
    public var children: [String]
    public var stat: Stat?
    /// One name a line instead of zkCli's `[a, b]`.
    public var isOneColumn: Bool

    public init(path: ZnodePath, children: [String], stat: Stat? = nil, isOneColumn: Bool = false) {
        self.path = path
        self.children = children
        self.stat = stat
        self.isOneColumn = isOneColumn
    }

    public var json: JSONValue {
        .members([
            "path": JSONValue(path), "children": .array(children.map { .string($0) }), "stat": stat.map(JSONValue.init),
        ])
    }

    public func writePlain(to output: Output) throws(ShellError) {
        if isOneColumn {
            for child in children { try output.writeLine(child) }
        } else {
            try output.write("[")
            for (index, child) in children.enumerated() {
                if index > 0 { try output.write(", ") }
                try output.write(child)
            }
            try output.writeLine("]")
        }
        if let stat { try output.write(StatResult.block(stat)) }
    }

    public func writeRaw(to output: Output) throws(ShellError) {
        for child in children { try output.writeLine(child) }
    }
}

extension [String] {
    /// Java's order of strings, by UTF-16 units.
    public func sortedAsJava() -> [String] {
        // Names in ASCII, the common case, compare by their bytes, which is many times as fast.
        if allSatisfy({ $0.utf8.allSatisfy { $0 < 0x80 } }) {
            return sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
        }
        return sorted { $0.utf16.lexicographicallyPrecedes($1.utf16) }
    }
}
