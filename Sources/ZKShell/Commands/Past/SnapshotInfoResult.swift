internal import ZKCore
internal import ZKReplica
internal import ZKStore
internal import ZKText

/// What snapshots and logs there are, and which moments they give.
struct SnapshotInfoResult: ShellResult {
    var path: String
    var survey: ReplicaSurvey

    func writePlain(to output: Output) throws(ShellError) {
        var table = Table(columns: [
            .init("FILE"), .init("WINDOW TO"), .init("TIME"), .init("ZNODES", isNumber: true),
            .init("DATA", isNumber: true), .init("SESSIONS", isNumber: true), .init("FORMAT"), .init("CHECK"),
        ])
        for snapshot in survey.snapshots {
            let isWhole = snapshot.check == .whole
            table.add([
                snapshot.name.name, isWhole ? snapshot.windowEnd.description : "-",
                snapshot.millis.map(Self.time) ?? "-", isWhole ? snapshot.summary.znodes.grouped : "-",
                isWhole ? snapshot.dataBytes.shortBytes : "-", isWhole ? "\(snapshot.summary.sessions)" : "-",
                snapshot.format, snapshot.checkText,
            ])
        }
        try table.write(to: output)
        for line in lines { try output.writeLine(line) }
    }

    private static func time(_ millis: Int64) -> String { Timestamp.iso(millis: millis) }

    private var lines: [String] {
        var lines: [String] = []
        if let first = survey.logs.first, let last = survey.logs.last {
            let gaps = survey.logs.holes.isEmpty ? "without a gap" : "with txns missing"
            var line = "logs \(first.zxid) to \(last.zxid) \(gaps) (\(survey.logs.txns.grouped) txns, "
            line += "\(survey.logs.files) \(survey.logs.files == 1 ? "file" : "files"))"
            if let tail = survey.logs.tornTail {
                line += "; torn tail of \(tail.bytes.grouped) bytes in \(tail.file.name) at \(tail.offset.grouped)"
            }
            lines.append(line)
        }
        for hole in survey.logs.holes {
            lines.append("missing after \(hole.after)\(hole.before.map { " up to \($0)" } ?? ""): \(hole.reason)")
        }
        if let range = survey.restorable {
            func text(_ zxid: Zxid, _ millis: Int64?) -> String {
                millis.map { "\(Self.time($0)) (\(zxid))" } ?? "\(zxid)"
            }
            lines.append(
                "restorable from \(text(range.from, range.fromMillis)) to \(text(range.to, range.toMillis))")
        } else {
            lines.append("nothing can be restored: there is no snapshot that is whole")
        }
        return lines
    }

    var json: JSONValue {
        let logs = survey.logs
        func moment(_ zxid: Zxid, _ millis: Int64?) -> JSONValue {
            .members([
                "zxid": .string(zxid.description), "time": millis.map { .string(Self.time($0)) } ?? .null,
            ])
        }
        return .members([
            "path": .string(path),
            "snapshots": .array(survey.snapshots.map(Self.json)),
            "logs": .members([
                "first": logs.first.map { moment($0.zxid, $0.millis) } ?? .null,
                "last": logs.last.map { moment($0.zxid, $0.millis) } ?? .null,
                "txns": .int(Int64(logs.txns)), "files": .int(Int64(logs.files)),
                "holes": .array(
                    logs.holes.map { hole in
                        JSONValue.members([
                            "after": .string(hole.after.description),
                            "before": hole.before.map { .string($0.description) } ?? .null,
                            "reason": .string(hole.reason),
                        ])
                    }),
                "tornTail": logs.tornTail.map { tail in
                    JSONValue.members([
                        "file": .string(tail.file.name), "offset": .int(tail.offset), "bytes": .int(tail.bytes),
                    ])
                } ?? .null,
            ]),
            "restorable": survey.restorable.map { range in
                JSONValue.members([
                    "from": moment(range.from, range.fromMillis), "to": moment(range.to, range.toMillis),
                ])
            } ?? .null,
        ])
    }

    private static func json(of snapshot: ReplicaSurvey.Snapshot) -> JSONValue {
        .members([
            "file": .string(snapshot.name.name), "zxid": .string(snapshot.name.zxid.description),
            "windowTo": .string(snapshot.windowEnd.description),
            "time": snapshot.millis.map { .string(time($0)) } ?? .null,
            "znodes": .int(Int64(snapshot.summary.znodes)), "dataBytes": .int(Int64(snapshot.dataBytes)),
            "sessions": .int(Int64(snapshot.summary.sessions)), "bytes": .int(snapshot.bytes),
            "format": .string(snapshot.format), "ok": .bool(snapshot.check == .whole && snapshot.isAcceptable),
            "check": .string(snapshot.checkText),
        ])
    }
}
