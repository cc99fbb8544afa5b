internal import ZKClient

/// Counts the znodes for which a recursive command failed, and names the first of them.
struct FailureTally {
    private(set) var count = 0
    private static let reportedMax = 20

    mutating func note(_ error: any Error, in shell: ShellContext) {
        count += 1
        if count <= Self.reportedMax {
            shell.report(ShellError(error))
        } else if count == Self.reportedMax + 1 {
            shell.warn("further failures are only counted")
        }
    }

    /// - Parameter total: znodes that the command came to, the failed ones included.
    /// - Throws: ``ShellError`` 9 when something failed.
    func finish(of total: Int) throws(ShellError) {
        guard count > 0 else { return }
        throw ShellError(.partialFailure, "failed for \(count) of \(total) znodes; the others are done")
    }
}
