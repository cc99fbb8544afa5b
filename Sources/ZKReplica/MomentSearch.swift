import ZKCore
import ZKStore

/// Finds the txn that a time means.
struct MomentSearch {
    private let files: ReplicaFiles

    init(_ files: ReplicaFiles) {
        self.files = files
    }

    /// The last txn, in the order of zxids, that is not after `millis`. The logs are looked at from the newest on.
    ///
    /// - Throws: `gap` when all txns are after it, or there is no log.
    func lastZxid(notAfter millis: Int64) throws(StoreError) -> Zxid {
        var first: (zxid: Zxid, millis: Int64)?
        for name in files.logs.reversed() {
            if try TxnLogReader.isUnwritten(try files.open(name)) { continue }
            var reader = try TxnLogReader(file: try files.open(name))
            var found: Zxid?
            var firstHere: (zxid: Zxid, millis: Int64)?
            do throws(StoreError) {
                _ = try reader.next { payload in
                    guard let header = TxnRecord.header(of: payload) else { return false }
                    if firstHere == nil { firstHere = (header.zxid, header.timeMillis) }
                    if header.timeMillis <= millis { found = header.zxid }
                    return false
                }
            } catch {
                // What is readable is before it; that the moment may be behind it the replay finds out.
                guard error.kind == .damaged else { throw error }
            }
            if let found { return found }
            first = firstHere ?? first
        }
        guard let first else {
            throw StoreError(
                kind: .gap, file: files.path, problem: "no log tells the times of txns",
                wayOut: "Name a zxid.")
        }
        throw StoreError(
            kind: .gap, file: files.path, problem: "the logs begin after that time",
            wayOut: "The earliest txn that they have is \(first.zxid).")
    }
}
