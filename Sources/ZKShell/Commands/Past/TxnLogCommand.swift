internal import ShellLanguage
internal import ZKCore
internal import ZKReplica
internal import ZKStore
internal import ZKText

struct TxnLogCommand: ShellCommand {
    static let declaration = CommandDeclaration(
        name: "txnlog", group: .offline, abstract: "Look at the txn logs of ZooKeeper, or save what is whole of one.",
        discussion: """
            info lists the logs, their txns and how they end. dump prints each txn, a multi op by op. stats counts by
            type, top znode, session and minute. verify says only what is wrong. recover copies the txns before the
            damage of a log into a new file beside it, recovered-log.ZXID, which no server reads; the log stays as it is.
            A server may write meanwhile: the end is then the last whole record.
            """,
        synopsis: "txnlog info|dump|stats|verify|recover FILE|DIR …",
        examples: [
            .init("txnlog info /var/lib/zookeeper", "a line for each log"),
            .init("--json txnlog dump log.5000a0001", "a JSON value for each change"),
            .init("txnlog stats /var/lib/zookeeper", "who writes most"),
        ],
        exitStatuses: [.init(.corruptFile, "a log is damaged, or txns are missing")])

    enum Verb: String, ShellValue, CaseIterable {
        case info
        case dump
        case stats
        case verify
        case recover
    }

    @Option(name: .customLong("top"), help: ArgumentHelp("stats: so many lines of each kind.", valueName: "n"))
    var top = 10

    @Argument(help: "What to do.")
    var verb: Verb

    @Argument(help: "Logs, or directories that hold them.", completion: .file)
    var paths: [String] = []

    func run(in shell: ShellContext) async throws {
        let given = paths.isEmpty ? shell.session.offline.map { [$0.path] } ?? [] : paths
        guard !given.isEmpty else { throw UsageError("name a log or a data directory") }
        let logs = try given.flatMap { try LogFile.all(at: $0) }
        switch verb {
        case .info: try shell.emit(TxnLogInfoResult(logs: try logs.map { try $0.scan() }))
        case .dump: for log in logs { try dump(log, in: shell) }
        case .stats: try stats(logs, in: shell)
        case .verify: try verify(logs, in: shell)
        case .recover:
            for log in logs { try recover(log, in: shell) }
        }
    }

    private func dump(_ log: LogFile, in shell: ShellContext) throws {
        var reader = try log.reader()
        var lines = ChangeLines()
        let isJSON = shell.options.output == .json
        // Whatever happens, what was read is shown.
        defer { try? shell.output.write(lines.take()) }
        while let txn = try reader.next() {
            for change in ZnodeChange.all(of: txn) {
                if isJSON {
                    try shell.emit(ChangeResult(change: change))
                } else {
                    lines.append(change)
                }
            }
            if lines.bytes.count > 1 << 16 { try shell.output.write(lines.take()) }
        }
        if case .torn(let offset, let bytes, let reason) = try reader.end() {
            shell.warn("\(log.path), byte \(offset): \(reason); \(bytes) bytes are left out")
        }
    }

    private func stats(_ logs: [LogFile], in shell: ShellContext) throws {
        var counts = TxnCounts()
        for log in logs {
            var reader = try log.reader()
            while let txn = try reader.next() { counts.add(txn) }
        }
        try shell.emit(TxnStatsResult(counts: counts, top: top))
    }

    private func verify(_ logs: [LogFile], in shell: ShellContext) throws {
        var problems = 0
        var last: (zxid: Zxid, path: String)?
        for log in logs {
            let scan = try log.scan()
            if let last, let first = scan.first?.zxid, first != last.zxid.next, first.epoch == last.zxid.epoch {
                shell.report(
                    ShellError(.corruptFile, "\(log.path): begins with \(first), and \(last.path) ends at \(last.zxid)")
                )
                problems += 1
            }
            if let end = scan.last?.zxid { last = (end, log.path) }
            if case .damaged(let error) = scan.end {
                shell.report(ShellError(error))
                problems += 1
            } else {
                try shell.emit(TxnLogCheckResult(scan: scan))
            }
        }
        if problems > 0 { throw ShellError.silent(.corruptFile) }
    }

    private func recover(_ log: LogFile, in shell: ShellContext) throws {
        let scan = try log.scan()
        guard case .damaged(let error) = scan.end else {
            return try shell.emit(TxnLogCheckResult(scan: scan))
        }
        let target = log.directory + "/recovered-\(log.name)"
        guard try log.fileSystem.status(of: target) == nil else {
            throw ShellError.usage("\(target) is there already: move it away")
        }
        let bytes = try log.copy(upTo: scan.position, to: target)
        shell.warn("\(error.problem) at byte \(error.offset ?? scan.position) of \(log.path)")
        try shell.emit(
            TextResult(
                "\(target): \(scan.txns.grouped) txns up to \(scan.last?.zxid ?? .zero), \(bytes.grouped) bytes; "
                    + "\((scan.size - scan.position).grouped) bytes of the log are left out",
                json: .members([
                    "file": .string(target), "txns": .int(Int64(scan.txns)),
                    "last": .string((scan.last?.zxid ?? .zero).description), "bytes": .int(bytes),
                    "leftOutBytes": .int(scan.size - scan.position),
                ])))
    }
}
