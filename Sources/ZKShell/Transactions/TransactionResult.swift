internal import ZKClient
internal import ZKCore
internal import ZKText

/// What came of each operation of a transaction.
struct TransactionResult: ShellResult {
    var ops: [MultiOp]
    var results: [Result<MultiResult, ZooKeeperError>]

    /// The operation because of which nothing was done.
    var failure: ZooKeeperError? {
        for case .failure(let error) in results where error.code != .ok && error.code != .runtimeInconsistency {
            return error
        }
        return nil
    }

    var json: JSONValue {
        .members([
            "ok": .bool(failure == nil),
            "results": .array(zip(ops, results).map(Self.json)),
        ])
    }

    private static func json(_ op: MultiOp, _ result: Result<MultiResult, ZooKeeperError>) -> JSONValue {
        var path = op.path
        var stat: Stat?
        var error: JSONValue?
        switch result {
        case .success(.create(let created, let createdStat)):
            path = created
            stat = createdStat
        case .success(.setData(let newStat)): stat = newStat
        case .success(.delete), .success(.check): break
        case .failure(let failure):
            error = .members([
                "code": .int(Int64(failure.code.rawValue)), "name": .string("\(failure.code)"),
                "message": .string(text(of: failure)),
            ])
        }
        return .members([
            "op": .string(op.name), "path": JSONValue(path), "ok": .bool(error == nil),
            "stat": stat.map { JSONValue($0) }, "error": error,
        ])
    }

    func writePlain(to output: Output) throws(ShellError) {
        var table = Table(columns: [.init("OP"), .init("PATH"), .init("RESULT")])
        for (op, result) in zip(ops, results) { table.add([op.name, op.path.string, Self.text(of: result)]) }
        try table.write(to: output)
    }

    private static func text(of result: Result<MultiResult, ZooKeeperError>) -> String {
        switch result {
        case .success(.create(let path, stat: _)): "created \(path)"
        case .success(.delete): "deleted"
        case .success(.setData(let stat)): "version \(stat.version)"
        case .success(.check): "as expected"
        case .failure(let error): text(of: error)
        }
    }

    private static func text(of error: ZooKeeperError) -> String {
        switch error.code {
        case .ok: "undone, since another operation failed"
        case .runtimeInconsistency: "not tried"
        default: "failed: \(error.code)"
        }
    }
}

extension MultiOp {
    /// The command that makes it.
    var name: String {
        switch self {
        case .create: "create"
        case .delete: "delete"
        case .setData: "set"
        case .check: "check"
        }
    }

    /// For `--dry-run`.
    var summary: String {
        switch self {
        case .create(let path, let data, let mode, acl: _, ttl: _):
            "create \(path) (\(mode), \(data.map { "\($0.count) bytes" } ?? "null data"))"
        case .setData(let path, let data, let version):
            "set \(path) (\(data.map { "\($0.count) bytes" } ?? "null data")\(Self.text(version)))"
        case .delete(let path, let version): "delete \(path)" + (version < 0 ? "" : " (version \(version))")
        case .check(let path, let version): "check \(path) (version \(version))"
        }
    }

    private static func text(_ version: Int32) -> String { version < 0 ? "" : ", version \(version)" }
}
