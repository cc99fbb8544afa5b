internal import ShellLanguage
internal import ZKClient
internal import ZKCore

/// A command that can be an operation of a transaction.
protocol TransactionalCommand: ShellCommand {
    /// The operation that does what the command does, and nothing around it.
    ///
    /// - Throws: ``UsageError`` for an option that one operation cannot have.
    func transactionOp(in shell: ShellContext) async throws -> MultiOp
}

extension CreateCommand: TransactionalCommand {
    func transactionOp(in shell: ShellContext) async throws -> MultiOp {
        guard !createsParents, !acceptsExisting, !printsNameOnly else {
            throw UsageError("-p, --exist-ok and --print are not for a transaction")
        }
        if let acl { try await shell.checkACL(acl.entries, of: resolvedPath(in: shell)) }
        return .create(
            try resolvedPath(in: shell), data: try await dataOptions.bytes(data, in: shell), mode: try createMode(),
            acl: acl?.entries ?? .openUnsafe, ttl: ttlMillis.map { .milliseconds($0) })
    }
}

extension SetCommand: TransactionalCommand {
    func transactionOp(in shell: ShellContext) async throws -> MultiOp {
        guard !createsMissing, expectedData == nil, !showsStat else {
            throw UsageError("-p, --if-data and -s are not for a transaction; -v checks the version")
        }
        try checkHasData()
        return .setData(
            try shell.resolve(path), data: try await dataOptions.bytes(data, in: shell), version: version ?? -1)
    }
}

extension DeleteCommand: TransactionalCommand {
    func transactionOp(in shell: ShellContext) async throws -> MultiOp {
        guard !force else { throw UsageError("-f is not for a transaction") }
        let paths = try await shell.expand(path)
        guard paths.count == 1 else { throw UsageError("in a transaction delete takes one path") }
        return .delete(paths[0], version: version ?? -1)
    }
}

extension CheckCommand: TransactionalCommand {
    func transactionOp(in shell: ShellContext) async throws -> MultiOp {
        .check(try shell.resolve(path), version: version ?? -1)
    }
}
