internal import Glibc
internal import ShellLanguage
internal import ZKClient
internal import ZKCore
internal import ZKReplica
internal import ZKStore
internal import ZKText

struct BackupCommand: ShellCommand {
    static let declaration = CommandDeclaration(
        name: "backup", group: .offline, abstract: "Back up an ensemble or a data directory, and check backups.",
        discussion: """
            A backup is a tar with a manifest: what it holds, of which zxids, how many znodes, and the SHA-256 of each
            part. --via files, the default with --offline, keeps all of a data directory as it was at one moment: a
            snapshot from which any server starts, sessions and ephemeral znodes in it. --via walk, the default with a
            server, reads what the session may read, one znode after the other: that is no single moment where others write
            meanwhile, and what ACLs hide is named and not there. A backup of a part, PATH, is of that kind too.

            It holds every secret of the tree, and only its owner can read the file. Until it is whole it is called
            .partial. `restore` puts it back.
            """,
        synopsis: "backup -o FILE.zkb|--to DIR [--via files|walk] [PATH] | backup ls|verify FILE …",
        examples: [
            .init("backup -o all.zkb", "all that this session may read"),
            .init("backup ls all.zkb", "what is in it"),
            .init("backup verify all.zkb", "whether it is as it was written"),
        ],
        exitStatuses: [
            .init(.partialFailure, "some znodes could not be read: the backup names them"),
            .init(.corruptFile, "the backup, or the data directory, is damaged"),
            .init(.localIO, "a file cannot be read or written"),
        ])

    enum Way: String, ShellValue, CaseIterable {
        case files
        case walk
    }

    @Option(
        name: [.customShort("o"), .customLong("out")],
        help: ArgumentHelp("Write the backup to FILE.", valueName: "file"),
        completion: .file)
    var file: String?

    @Option(
        help: ArgumentHelp("Write it to a file in DIR that has its time and zxid in its name.", valueName: "dir"),
        completion: .file)
    var to: String?

    @Option(help: ArgumentHelp("How it is read: files needs --offline.", valueName: "way"))
    var via: Way?

    @Argument(help: "ls or verify and files; or the root of what is backed up, / if left out.")
    var words: [PathOperand] = []

    func run(in shell: ShellContext) async throws {
        let texts = words.map(\.word.text)
        if let verb = texts.first, verb == "ls" || verb == "verify" {
            guard file == nil, to == nil, via == nil else { throw UsageError("\(verb) takes files only") }
            guard texts.count > 1 else { throw UsageError("\(verb): name a backup") }
            for name in texts.dropFirst() {
                let backup = try BackupFile(name)
                if verb == "verify" { try backup.verify() }
                try shell.emit(BackupResult(name: name, manifest: backup.manifest, isVerified: verb == "verify"))
            }
            return
        }
        guard words.count <= 1 else { throw UsageError("one PATH; of several, make a backup each") }
        guard (file == nil) != (to == nil) else { throw UsageError("say where to: -o FILE, or --to DIR") }
        let root = try words.first.map { operand throws(ShellError) in try shell.resolve(operand) } ?? .root
        let offline = try shell.offlineReplica()
        if via == .files {
            guard offline != nil else { throw UsageError("--via files reads a data directory: name it with --offline") }
            guard root.isRoot else {
                throw UsageError("--via files is all of a data directory: a part needs --via walk")
            }
        }
        if let offline, via != .walk, root.isRoot {
            try await backUp(offline, in: shell)
        } else {
            try await walk(root, offline: offline, in: shell)
        }
    }

    private func writer(zxid: Zxid, madeMillis: Int64) throws -> BackupWriter {
        if let file { return try BackupWriter(file, madeMillis: madeMillis) }
        let directory = to ?? "."
        guard mkdir(directory, 0o700) == 0 || errno == EEXIST else {
            throw ShellError(.localIO, "cannot make the directory \(directory): \(systemErrorText(errno))")
        }
        let time = Timestamp.iso(millis: madeMillis).prefix(19).filter { $0 != "-" && $0 != ":" }
        let name = "zk-\(time)Z-\(zxid.hex).zkb"
        return try BackupWriter(
            directory.hasSuffix("/") ? directory + name : "\(directory)/\(name)", madeMillis: madeMillis)
    }

    // MARK: Files

    private func backUp(_ replica: Replica, in shell: ShellContext) async throws {
        let madeMillis = Timestamp.nowMillis()
        let directory = to ?? file?.parentDirectory ?? "."
        // The snapshot, and the backup with it.
        try FreeRoom.check(for: Int64(replica.dataBytes + 120 * replica.znodeCount) * 2, in: directory)
        let writer = try writer(zxid: replica.zxid, madeMillis: madeMillis)
        let snapshot = writer.name + ".snapshot"
        defer { unlink(snapshot) }
        do throws(StoreError) {
            try replica.write(
                to: try SnapshotWriter(path: snapshot, zxid: replica.zxid, fileSystem: PosixFileSystem()))
        } catch {
            throw ShellError(error)
        }
        try await writer.addFile(snapshot, as: StoreFileName.snapshot(replica.zxid))
        var manifest = BackupManifest(
            kind: .files, root: .root, source: "offline:\(shell.session.offline?.path ?? "")",
            configuration: Self.configuration(replica.znode("/zookeeper/config")?.data),
            zxids: replica.zxid...replica.zxid, madeMillis: madeMillis, txnMillis: replica.origin.millis,
            znodes: replica.znodeCount, ephemerals: 0, sessions: replica.sessions.count)
        for session in replica.sessionsWithEphemerals {
            manifest.ephemerals += replica.ephemeralPaths(of: session).count
        }
        try writer.finish(manifest)
        try shell.emit(
            BackupResult(name: writer.name, manifest: try BackupFile(writer.name).manifest, isVerified: false))
    }

    /// Without what only a server of the ensemble needs.
    private static func configuration(_ data: [UInt8]?) -> String? {
        guard let data, !data.isEmpty else { return nil }
        return String(validating: data, as: UTF8.self)
    }

    // MARK: Walk

    private func walk(_ root: ZnodePath, offline: Replica?, in shell: ShellContext) async throws {
        let reader = try await shell.reader()
        guard try await reader.exists(root) != nil else {
            throw ShellError(.noNode, "\(root): node does not exist", code: .noNode, path: root)
        }
        let madeMillis = Timestamp.nowMillis()
        let client = offline == nil ? try await shell.client() : nil
        let first = try await zxid(of: client) ?? offline?.zxid ?? .zero
        let writer = try writer(zxid: first, madeMillis: madeMillis)
        let progress = WorkProgress("backing up \(root)", isSilent: true, in: shell)
        defer { progress.finish() }
        var summary = SubtreeReader.Summary()
        var failures = FailureTally()
        try await writer.addPart("tree.jsonl.gz") { write in
            let packer = GzipPacker()
            func pack(_ bytes: [UInt8], isLast: Bool) throws {
                try bytes.withUnsafeBytes { raw in
                    try packer.pack(raw, isLast: isLast) { (packed: UnsafeRawBufferPointer) throws(ShellError) in
                        try write(Array(packed))
                    }
                }
            }
            (summary, failures) = try await ExportTransfer(format: .jsonl)
                .runToItsEnd(from: reader, root, report: shell.workReport(progress)) { try pack($0, isLast: false) }
            try pack([], isLast: true)
        }
        progress.finish()
        let last = try await zxid(of: client) ?? first
        let configuration = try? await reader.getData("/zookeeper/config").data
        var manifest = BackupManifest(
            kind: .tree, root: root,
            source: client.map { LiveTree(client: $0, root: root).fullName }
                ?? "offline:\(shell.session.offline?.path ?? "")",
            configuration: Self.configuration(configuration), zxids: min(first, last)...max(first, last),
            madeMillis: madeMillis, txnMillis: offline?.origin.millis, znodes: summary.count,
            ephemerals: summary.ephemerals, sessions: 0)
        manifest.unread = failures.count
        try writer.finish(manifest)
        if first != last {
            shell.note("this is no single moment: it was read from \(first) to \(last), one znode after the other")
        }
        try shell.emit(
            BackupResult(name: writer.name, manifest: try BackupFile(writer.name).manifest, isVerified: false))
        if failures.count > 0 {
            throw ShellError(
                .partialFailure,
                "\(failures.count) znodes could not be read: they are not in the backup, nor is what is below them")
        }
    }

    private func zxid(of client: ZooKeeperClient?) async throws -> Zxid? {
        guard let client else { return nil }
        try await client.sync(.root)
        return client.session.lastZxid
    }
}

/// A backup, in a few lines.
private struct BackupResult: ShellResult {
    var name: String
    var manifest: BackupManifest
    var isVerified: Bool

    var json: JSONValue {
        guard case .object(let members) = manifest.json else { return .null }
        var all: [JSONValue.Member] = [.init(name: "file", value: .string(name))]
        if isVerified { all.append(.init(name: "verified", value: true)) }
        return .object(all + members)
    }

    func writePlain(to output: Output) throws(ShellError) {
        let (first, last) = (manifest.zxids.lowerBound, manifest.zxids.upperBound)
        let moment = first == last ? "as of \(first)" : "read from \(first) to \(last)"
        let time = manifest.txnMillis.map { " (\(Timestamp.iso(millis: $0)))" } ?? ""
        try output.writeLine("\(name): \(manifest.znodes) znodes of \(manifest.source), \(moment)\(time)")
        var counts = "  kind \(manifest.kind.rawValue), made \(Timestamp.iso(millis: manifest.madeMillis))"
        if manifest.ephemerals > 0 { counts += ", \(manifest.ephemerals) of the znodes ephemeral" }
        if manifest.sessions > 0 { counts += ", \(manifest.sessions) sessions" }
        if manifest.unread > 0 { counts += ", \(manifest.unread) znodes unread" }
        try output.writeLine(counts)
        for part in manifest.parts {
            try output.writeLine(
                "  \(part.name)  \(part.size) bytes  \(isVerified ? "ok" : String(part.sha256.prefix(16)))")
        }
    }
}
