internal import ZKCore
internal import ZKText

/// What a transfer did, or would do.
struct TransferSummary: Sendable, Hashable {
    var created = 0
    var changed = 0
    var unchanged = 0
    var deleted = 0
    /// Ephemeral znodes of the source that did not come along.
    var skippedEphemerals = 0
    /// Ephemeral znodes of the target that stay although the source has not got them.
    var keptEphemerals = 0
    /// ACLs that stayed behind, and would have kept somebody out.
    var restrictiveACLs = 0
}

/// What import, cp and mirror tell when they are done.
struct TransferResult: ShellResult {
    var summary: TransferSummary
    var isDryRun = false
    /// Of what was changed, where the user may not have named it.
    var root: ZnodePath?

    var json: JSONValue {
        .members([
            "root": root.map { JSONValue($0) },
            "created": .int(Int64(summary.created)), "changed": .int(Int64(summary.changed)),
            "unchanged": .int(Int64(summary.unchanged)), "deleted": .int(Int64(summary.deleted)),
            "skippedEphemerals": .int(Int64(summary.skippedEphemerals)),
            "keptEphemerals": .int(Int64(summary.keptEphemerals)),
            "droppedACLs": .int(Int64(summary.restrictiveACLs)), "dryRun": isDryRun ? true : nil,
        ])
    }

    func writePlain(to output: Output) throws(ShellError) {
        var parts: [String] = []
        for (count, what) in [
            (summary.created, "created"), (summary.changed, "changed"), (summary.unchanged, "unchanged"),
            (summary.deleted, "deleted"),
        ] where count > 0 { parts.append("\(count) \(what)") }
        let text = parts.isEmpty ? "nothing to do" : parts.joined(separator: ", ")
        try output.writeLine((isDryRun ? "would be: " : "") + text + (root.map { " in \($0)" } ?? ""))
    }
}

extension ShellContext {
    /// Says what a transfer has left out.
    func warnOfGaps(in summary: TransferSummary) {
        if summary.restrictiveACLs > 0 {
            warn("\(summary.restrictiveACLs) ACLs were left behind; new znodes are open to everybody")
        }
        if summary.skippedEphemerals > 0 {
            warn("\(summary.skippedEphemerals) ephemeral znodes were left out; --ephemeral persist copies them")
        }
        if summary.keptEphemerals > 0 {
            warn(
                "\(summary.keptEphemerals) ephemeral znodes of other sessions were not deleted; --ephemeral delete does that"
            )
        }
    }
}
