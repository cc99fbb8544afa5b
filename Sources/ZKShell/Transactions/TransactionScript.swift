internal import ShellLanguage
internal import ZKClient

/// The lines of a file or of stdin that make up a transaction.
struct TransactionScript {
    let name: String

    /// Reads all of `reader`.
    ///
    /// - Throws: ``ShellError`` 2 that names the first line with a mistake; a transaction is made of all its lines or
    ///   of none.
    func ops(from reader: ScriptReader, in shell: ShellContext) async throws -> [MultiOp] {
        var reader = reader
        var ops: [MultiOp] = []
        while true {
            switch try await reader.next() {
            case .end: return ops
            case .mistake(let mistake, let line): throw ShellError.usage("\(name):\(line): \(mistake.message)")
            case .list(let list, let line):
                for item in list.items {
                    do {
                        ops.append(try await op(of: item, in: shell))
                    } catch {
                        var error = ShellError(error)
                        error.message = "\(name):\(line + item.invocation.lineOffset): \(error.message)"
                        throw error
                    }
                }
            }
        }
    }

    private func op(of item: CommandList.Item, in shell: ShellContext) async throws -> MultiOp {
        let invocation = item.invocation
        guard item.connector == .always, invocation.systemCommand == nil, invocation.output == nil,
            invocation.input == nil
        else { throw UsageError("a transaction has plain commands only, without && || | > <") }
        let words = shell.session.withAliasesExpanded(invocation.words)
        var context = ShellContext(
            session: shell.session, output: shell.output, input: shell.input,
            commandName: words.first?.text ?? "", location: shell.location)
        guard let command = try Interpreter(session: shell.session).prepare(words, in: &context) else {
            throw UsageError("--help is not for a transaction")
        }
        return try await command.asTransactionOp(in: context)
    }
}

extension ShellCommand {
    /// - Throws: ``UsageError`` when the command cannot be part of a transaction.
    func asTransactionOp(in shell: ShellContext) async throws -> MultiOp {
        guard let command = self as? any TransactionalCommand else {
            throw UsageError("a transaction is made of create, set, delete and check; commit or abort ends it")
        }
        return try await command.transactionOp(in: shell)
    }
}
