internal import ShellLanguage
internal import ZKCore
internal import ZKText

/// A plan as people read it.
struct PlanLines {
    var header: PlanHeader
    /// The owners that have created znodes of the target.
    var owners: [OwnerRecord] = []

    private static let columns = 24
    private static let shownBytesMax = 60

    var title: String { "change \(header.target) to be like \(header.source)" }

    /// Nil for what another line tells.
    func line(for step: PlanMaker.Step) -> (text: String, style: Output.Style)? {
        let path = step.op.path
        switch step.op.action {
        case .create(let data, let acl, _):
            let shownACL = acl.flatMap { $0 == .openUnsafe ? nil : "   acl " + Self.text(of: $0) } ?? ""
            return (line("+", path, Self.size(data) + shownACL), .green)
        case .set(let data):
            let version = step.op.origin.map { "v\($0.version)" } ?? ""
            return (line("~", path, Self.column(version) + Self.change(step.before?.data, data)), .plain)
        case .acl(let acl):
            return (
                line("a", path, Self.column("acl") + "\(Self.text(of: step.aclBefore ?? [])) -> \(Self.text(of: acl))"),
                .plain
            )
        case .counter(let count): return (line("n", path, "the next sequential child is to be number \(count)"), .plain)
        case .delete:
            guard !step.isBelowOther else { return nil }
            var text = step.belowCount > 0 ? "and \(step.belowCount) below" : ""
            if let czxid = step.op.origin?.czxid, let owner = owners.first(where: { $0.owns(path, czxid: czxid) }) {
                text += (text.isEmpty ? "" : "   ") + "(owner \"\(owner.name)\" made it)"
            }
            return (line("-", path, text), .red)
        }
    }

    func totals(of counts: PlanCounts) -> String {
        var parts: [String] = []
        if counts.creates > 0 { parts.append("\(counts.creates) to create") }
        if counts.sets > 0 { parts.append("\(counts.sets) to change") }
        if counts.acls > 0 { parts.append("\(counts.acls) ACL\(counts.acls == 1 ? "" : "s")") }
        if counts.counters > 0 { parts.append("\(counts.counters) sequence counter\(counts.counters == 1 ? "" : "s")") }
        if counts.deletes > 0 { parts.append("\(counts.deletes) to delete with --prune") }
        let what = parts.isEmpty ? "nothing to change" : parts.joined(separator: ", ")
        return "\(what). The plan holds for zxid \(header.zxid)."
    }

    private func line(_ sign: String, _ path: ZnodePath, _ text: String) -> String {
        let name = TerminalText.escaped(path.string)
        guard !text.isEmpty else { return "  \(sign) \(name)" }
        return "  \(sign) " + name + String(repeating: " ", count: max(2, Self.columns - name.count)) + text
    }

    private static func column(_ text: String) -> String {
        text + String(repeating: " ", count: max(1, 5 - text.count))
    }

    private static func change(_ before: [UInt8]?, _ after: [UInt8]?) -> String {
        if let before = shown(before), let after = shown(after) { return "-\(before) +\(after)" }
        return "\(size(before)) -> \(size(after))"
    }

    /// Nil for what is not a short line of text.
    private static func shown(_ data: [UInt8]?) -> String? {
        guard let data, data.count <= shownBytesMax, let text = String(validating: data, as: UTF8.self),
            TerminalText.isHarmless(text), !text.contains("\n")
        else { return nil }
        return text
    }

    private static func size(_ data: [UInt8]?) -> String { data.map { "\($0.count) B" } ?? "no data" }

    /// Without the hashes.
    private static func text(of acl: [ACL]) -> String {
        TerminalText.escaped(
            acl.map { entry -> String in
                var id = entry.identity.id.string
                if entry.identity.scheme == "digest", let colon = id.lastIndex(of: ":") { id = id[...colon] + "…" }
                return "\(entry.identity.scheme):\(id):\(entry.perms.letters)"
            }.joined(separator: ","))
    }
}

extension ShellContext {
    /// Prints a plan, or writes it as lines of JSON, while it is made.
    ///
    /// - Parameter file: takes the plan beside what is shown.
    func show(
        _ maker: PlanMaker, _ header: PlanHeader, owners: [OwnerRecord] = [], writer file: PlanWriter?,
        report: WorkReport, isShown: Bool = true
    ) async throws -> PlanMaker.Summary {
        let lines = PlanLines(header: header, owners: owners)
        let json = options.output == .json && isShown ? PlanWriter(to: output) : nil
        let isText = isShown && json == nil
        if isText { try output.writeLine(lines.title) }
        try json?.write(header)
        try file?.write(header)
        let summary = try await maker.run(report: report) { step in
            try file?.write(step.op)
            try json?.write(step.op)
            guard isText, let (text, style) = lines.line(for: step) else { return }
            try output.write(text, style: style)
            try output.writeLine()
        }
        try file?.finish()
        try json?.finish()
        if isText { try output.writeLine(lines.totals(of: summary.counts)) }
        return summary
    }

    /// Says what a plan leaves out.
    func warnOfGaps(in summary: PlanMaker.Summary) {
        if summary.read.restrictiveACLs > 0 {
            warn("\(summary.read.restrictiveACLs) ACLs are left behind; new znodes are open to everybody")
        }
        if summary.read.skippedEphemerals > 0 {
            warn("\(summary.read.skippedEphemerals) ephemeral znodes of the source are left out")
        }
        if summary.keptEphemerals > 0 {
            warn("\(summary.keptEphemerals) ephemeral znodes of the target stay: their sessions own them")
        }
    }
}
