import ZKCore

extension DataDirectory {
    /// Removes what no recovery needs: all but the `count` newest snapshots that are whole, and the logs before them.
    ///
    /// - Returns: the paths of the files that are gone.
    /// - Note: Nothing is removed unless `count` whole snapshots stay. Source: `PurgeTxnLog`.
    @discardableResult
    public func purge(keeping count: Int) throws(StoreError) -> [String] {
        precondition(count >= 1, "a snapshot must stay")
        precondition(isWritable, "the directory is only looked at")
        let snapshots = try files(.snapshot)
        guard let oldest = try oldestKept(of: snapshots, count: count) else { return [] }
        let logs = try files(.log)
        // The newest log at or before the snapshot's zxid holds txns after it.
        let firstNeeded = logs.last { $0.zxid <= oldest }?.zxid ?? oldest
        let obsolete =
            snapshots.filter { $0.zxid < oldest }.map { "\(snapshotDirectory)/\($0.name)" }
            + logs.filter { $0.zxid < firstNeeded }.map { "\(logDirectory)/\($0.name)" }
        for path in obsolete {
            try fileSystem.unlink(path)
        }
        if !obsolete.isEmpty {
            try fileSystem.syncDirectory(snapshotDirectory)
            if logDirectory != snapshotDirectory { try fileSystem.syncDirectory(logDirectory) }
        }
        return obsolete
    }

    private func oldestKept(of snapshots: [StoreFileName], count: Int) throws(StoreError) -> Zxid? {
        var whole = 0
        for name in snapshots.reversed() {
            let file = try fileSystem.open("\(snapshotDirectory)/\(name.name)", for: .reading)
            if try SnapshotReader.looksWhole(file, compression: SnapshotCompression(fileName: name.name)) {
                whole += 1
                if whole == count { return name.zxid }
            }
        }
        return nil
    }
}
