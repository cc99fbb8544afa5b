internal import ShellLanguage
internal import ZKClient
internal import ZKCore
internal import ZKReplica
internal import ZKStore
internal import ZKText

struct SnapshotCommand: ShellCommand {
    static let declaration = CommandDeclaration(
        name: "snapshot", group: .offline, abstract: "Look at snapshots of ZooKeeper, compare them, or make one.",
        discussion: """
            info lists the snapshots of a data directory, whether they are whole, and which moments they give together
            with the logs. WINDOW TO is the last txn that may be partly in one. verify says only what is wrong. du sums
            up what is below the root. diff compares two trees like diff -r. make writes the tree of a directory, as it
            was at one moment, into a file from which any server starts: name it snapshot.ZXID, or let a directory end in
            a slash.

            A server may write meanwhile; nothing is written but FILE. A tree is named PATH, or PATH@MOMENT.
            """,
        synopsis: "snapshot info|verify|du|diff|make PATH … [--at MOMENT] [-o FILE]",
        examples: [
            .init("snapshot info /var/lib/zookeeper", "what is there, and what can be restored"),
            .init("snapshot diff /backup/snapshot.5000a0000 /var/lib/zookeeper", "what changed since"),
            .init("snapshot make /var/lib/zookeeper --at 10:01 -o /tmp/new/", "the tree as it was then"),
        ],
        exitStatuses: [
            .init(.failure, "diff: they differ"), .init(.corruptFile, "a file is damaged, or the moment is not there"),
        ])

    enum Verb: String, ShellValue, CaseIterable {
        case info
        case verify
        case du
        case diff
        case make
    }

    @Option(help: ArgumentHelp("make, du: as it was at ZXID, TIME or now.", valueName: "moment"))
    var at: MomentOperand?

    @Option(
        name: .customShort("o"),
        help: ArgumentHelp("make: the file to write, or a directory with a slash at its end.", valueName: "file"),
        completion: .file)
    var file: String?

    @Argument(help: "What to do.")
    var verb: Verb

    @Argument(help: "Data directories, version-2 directories, or snapshots.", completion: .file)
    var paths: [String] = []

    func run(in shell: ShellContext) async throws {
        let given = paths.isEmpty ? shell.session.offline.map { [$0.path] } ?? [] : paths
        guard !given.isEmpty else { throw UsageError("name a data directory or a snapshot") }
        guard verb == .make || file == nil else { throw UsageError("-o is for make") }
        guard verb == .make || verb == .du || at == nil else { throw UsageError("--at is for make and du") }
        switch verb {
        case .info: for path in given { try info(path, in: shell) }
        case .verify: try verify(given, in: shell)
        case .du: for path in given { try usage(of: path, in: shell) }
        case .diff: try await diff(given, in: shell)
        case .make: try make(from: given, in: shell)
        }
    }

    private func survey(_ path: String) throws(StoreError) -> ReplicaSurvey {
        try ReplicaSurvey(try ReplicaFiles(path: path))
    }

    private func info(_ path: String, in shell: ShellContext) throws {
        try shell.emit(SnapshotInfoResult(path: path, survey: try survey(path)))
    }

    private func verify(_ paths: [String], in shell: ShellContext) throws {
        var problems = 0
        for path in paths {
            let survey = try survey(path)
            for snapshot in survey.snapshots {
                try shell.emit(SnapshotCheckResult(snapshot: snapshot))
                if !snapshot.isAcceptable { problems += 1 }
            }
            for hole in survey.logs.holes {
                shell.report(ShellError(.corruptFile, "txns after \(hole.after) are missing: \(hole.reason)"))
                problems += 1
            }
        }
        if problems > 0 {
            throw ShellError(.corruptFile, "\(problems) \(problems == 1 ? "problem" : "problems") found")
        }
    }

    /// The tree that `PATH@MOMENT` names.
    private func replica(_ text: String, in shell: ShellContext) throws -> Replica {
        let source = try OfflineSource(text, hasPath: false)
        return try OfflineView.open(source.path, at: at?.moment ?? source.moment, skipsDamage: false) { shell.warn($0) }
    }

    private func usage(of path: String, in shell: ShellContext) throws {
        let replica = try replica(path, in: shell)
        var rows: [SnapshotUsageResult.Row] = []
        for child in replica.root.children {
            var row = SnapshotUsageResult.Row(path: child.path, znodes: 0, bytes: 0, largest: 0)
            child.forEachAtOrBelow { znode in
                row.znodes += 1
                row.bytes += znode.dataCount
                row.largest = max(row.largest, znode.dataCount)
            }
            rows.append(row)
        }
        rows.sort { ($1.bytes, $0.path) < ($0.bytes, $1.path) }
        try shell.emit(SnapshotUsageResult(rows: rows))
    }

    private func diff(_ paths: [String], in shell: ShellContext) async throws {
        guard paths.count == 2 else { throw UsageError("diff compares two: name A and B") }
        let (a, b) = (try replica(paths[0], in: shell), try replica(paths[1], in: shell))
        let difference = SubtreeDifference(
            a: ReadTree(reader: OfflineReader(replica: a), root: .root),
            b: ReadTree(reader: OfflineReader(replica: b), root: .root), isRecursive: true)
        var differs = false
        try await difference.run { finding in
            differs = true
            try shell.emit(DifferenceResult(finding: finding, isBrief: false))
        }
        if differs { throw ShellError.silent(.failure) }
    }

    private func make(from paths: [String], in shell: ShellContext) throws {
        guard paths.count == 1 else { throw UsageError("make takes one data directory") }
        guard let file else { throw UsageError("make writes into a file: name it with -o FILE") }
        let replica = try replica(paths[0], in: shell)
        let path = file.hasSuffix("/") ? file + StoreFileName.snapshot(replica.zxid) : file
        let disk = PosixFileSystem()
        guard try disk.status(of: path) == nil else {
            throw ShellError.usage("\(path) is there already: name another file")
        }
        let source = try ReplicaFiles(path: try OfflineSource(paths[0], hasPath: false).path)
        let parts = path.split(separator: "/", omittingEmptySubsequences: false)
        let directory = parts.count < 2 ? "." : parts.dropLast().joined(separator: "/")
        guard directory != source.directory else {
            throw ShellError.usage(
                "\(path): a server may be using that directory; write it elsewhere, and move it when no server runs")
        }
        try replica.write(to: try SnapshotWriter(path: path, zxid: replica.zxid, fileSystem: disk))
        let time = replica.origin.millis.map { Timestamp.iso(millis: $0) }
        try shell.emit(
            TextResult(
                "\(path): \(replica.znodeCount.grouped) znodes, as of \(replica.zxid)\(time.map { " (\($0))" } ?? "")",
                json: .members([
                    "file": .string(path), "zxid": .string(replica.zxid.description),
                    "time": time.map { .string($0) } ?? .null, "znodes": .int(Int64(replica.znodeCount)),
                ])))
    }
}

extension ReplicaSurvey.Snapshot {
    /// Whether nothing is wrong with it.
    var isAcceptable: Bool {
        if case .damaged = check { return false }
        return digest != .wrong
    }

    var checkText: String {
        switch check {
        case .unfinished: return "unfinished"
        case .damaged(let error):
            return "damaged\(error.offset.map { " at \($0.grouped)" } ?? ""): \(error.problem)"
        case .whole:
            switch digest {
            case .right: return "ok, digest ok"
            case .wrong: return "ok, digest WRONG"
            case .unchecked: return "ok, digest not checked"
            }
        }
    }

    var format: String {
        switch SnapshotCompression(fileName: name.name) {
        case .none: "plain"
        case .gzip: "gzip"
        case .snappy: "snappy"
        }
    }
}

/// Whether one snapshot is whole.
private struct SnapshotCheckResult: ShellResult {
    var snapshot: ReplicaSurvey.Snapshot

    var json: JSONValue {
        .members([
            "file": .string(snapshot.name.name), "ok": .bool(snapshot.isAcceptable),
            "check": .string(snapshot.checkText),
        ])
    }

    func writePlain(to output: Output) throws(ShellError) {
        try output.writeLine("\(snapshot.name.name): \(snapshot.checkText)")
    }
}

/// `snapshot du`.
private struct SnapshotUsageResult: ShellResult {
    struct Row: Sendable {
        var path: ZnodePath
        var znodes: Int
        var bytes: Int
        var largest: Int
    }

    var rows: [Row]

    var json: JSONValue {
        .array(
            rows.map { row in
                .members([
                    "path": JSONValue(row.path), "znodes": .int(Int64(row.znodes)), "bytes": .int(Int64(row.bytes)),
                    "largest": .int(Int64(row.largest)),
                ])
            })
    }

    func writePlain(to output: Output) throws(ShellError) {
        var table = Table(columns: [
            .init("BYTES", isNumber: true), .init("ZNODES", isNumber: true), .init("LARGEST", isNumber: true),
            .init("PATH"),
        ])
        for row in rows { table.add([row.bytes.grouped, row.znodes.grouped, row.largest.grouped, row.path.string]) }
        try table.write(to: output)
    }
}
