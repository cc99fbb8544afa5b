internal import ZKClient
internal import ZKCore

/// Counts the znodes for which a recursive command failed, and names the first of them.
struct FailureTally {
    private(set) var count = 0
    private static let reportedMax = 20

    mutating func note(_ error: any Error, in shell: ShellContext) {
        note(error, to: shell.workReport)
    }

    mutating func note(_ error: any Error, to report: WorkReport) {
        count += 1
        if count <= Self.reportedMax {
            report.failed(ShellError(error))
        } else if count == Self.reportedMax + 1 {
            report.warn("further failures are only counted")
        }
    }

    /// The outcome of `test`, which a regular expression may fail in: then the znode counts as one without a match.
    mutating func matches(
        at path: ZnodePath, in shell: ShellContext, _ test: @autoclosure () throws(ShellError) -> Bool
    ) throws(ShellError) -> Bool {
        do throws(ShellError) {
            return try test()
        } catch {
            guard error.status == .failure else { throw error }
            note(ShellError(.failure, "\(path): \(error.message)", path: path), in: shell)
            return false
        }
    }

    /// - Parameter total: znodes that the command came to, the failed ones included.
    /// - Throws: ``ShellError`` 9 when something failed.
    func finish(of total: Int) throws(ShellError) {
        guard count > 0 else { return }
        throw ShellError(.partialFailure, "failed for \(count) of \(total) znodes; the others are done")
    }
}
