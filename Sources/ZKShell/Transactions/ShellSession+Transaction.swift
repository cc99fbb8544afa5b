extension ShellSession {
    /// Forgets a transaction that nobody has ended, and says so.
    ///
    /// - Returns: the status that stands for it; nil when there was none.
    func dropTransaction() -> ExitCode? {
        guard let open = transaction else { return nil }
        transaction = nil
        let count = open.ops.count == 1 ? "1 operation" : "\(open.ops.count) operations"
        diagnostics.writeLine("zoosh: txn: \(count) without a commit: nothing was changed")
        return .failure
    }
}
