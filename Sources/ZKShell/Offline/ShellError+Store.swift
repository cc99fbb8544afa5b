internal import ZKStore

extension ShellError {
    /// What an error about files of ZooKeeper means to the shell's user.
    init(_ error: StoreError) {
        let status: ExitCode =
            switch error.kind {
            case .damaged, .gap: .corruptFile
            case .system: .localIO
            case .unusable: .usage
            case .inUse, .poisoned: .failure
            }
        self.init(status, "\(error)")
    }
}
