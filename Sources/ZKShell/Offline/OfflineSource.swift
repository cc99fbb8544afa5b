internal import ZKCore
internal import ZKReplica

/// `PATH[@MOMENT][:/znode]`: files, a moment, and a znode in them.
///
/// The znode begins at the last `:/`, the moment at the last `@` before it. What cannot be written so goes through
/// `--offline` and `--at`.
struct OfflineSource: Hashable, Sendable {
    static let prefix = "offline:"

    var path: String
    var moment = Moment.now
    var znode = ZnodePath.root
    /// What messages put before the path of a znode.
    let place: String

    /// - Parameter hasPath: whether a znode may follow; else `:/` is a part of the name of the file.
    /// - Throws: ``UsageError`` for a moment or a path that is none.
    init(_ text: String, hasPath: Bool) throws(ShellError) {
        var rest = text[...]
        if hasPath, let mark = rest.ranges(of: ":/").last {
            do throws(ZnodePathError) {
                znode = try ZnodePath(rest[rest.index(after: mark.lowerBound)...])
            } catch {
                throw .usage("\(text): \(error)")
            }
            rest = rest[..<mark.lowerBound]
        }
        place = "\(Self.prefix)\(rest):"
        if let at = rest.lastIndex(of: "@") {
            let word = rest[rest.index(after: at)...]
            if let operand = MomentOperand(argument: String(word)) {
                moment = operand.moment
                rest = rest[..<at]
            } else if !word.contains("/") {
                throw .usage("\(text): \(word) is not a moment: write now, a zxid such as 0x5000a1b2c, or a time")
            }
        }
        guard !rest.isEmpty else { throw .usage("\(text): name a data directory or a snapshot") }
        path = String(rest)
    }
}
