/// Where work on trees tells what its user should know: it knows neither session nor screen.
struct WorkReport: Sendable {
    /// A failure of one znode, while the others go on.
    var failed: @Sendable (ShellError) -> Void
    var warn: @Sendable (String) -> Void
    /// So many more znodes are done.
    var advance: @Sendable (Int) -> Void = { _ in }
}

extension ShellContext {
    var workReport: WorkReport { WorkReport(failed: { report($0) }, warn: { warn($0) }) }

    func workReport(_ progress: WorkProgress) -> WorkReport {
        var report = workReport
        report.advance = { progress.advance(by: $0) }
        return report
    }
}
