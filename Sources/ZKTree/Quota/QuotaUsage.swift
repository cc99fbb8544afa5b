/// What the txns in flight will add to the usage of paths with a quota, or take from it: a limit counts them, too.
struct QuotaUsage {
    private struct Entry {
        var zxid: Int64
        var subject: [UInt8]
        var count: Int64
        var bytes: Int64
    }

    /// In the order of their zxids.
    private var entries: [Entry] = []
    private var head = 0
    private var sums: [[UInt8]: (count: Int64, bytes: Int64)] = [:]

    var isEmpty: Bool { head == entries.count }

    func inFlight(for subject: [UInt8]) -> (count: Int64, bytes: Int64) { sums[subject] ?? (0, 0) }

    mutating func add(zxid: Int64, subject: [UInt8], count: Int64, bytes: Int64) {
        entries.append(Entry(zxid: zxid, subject: subject, count: count, bytes: bytes))
        change(subject, count: count, bytes: bytes)
    }

    /// A txn was applied: the stats have it now.
    mutating func settle(_ zxid: Int64) {
        while head < entries.count, entries[head].zxid <= zxid {
            let entry = entries[head]
            head += 1
            change(entry.subject, count: -entry.count, bytes: -entry.bytes)
        }
        if isEmpty {
            entries.removeAll(keepingCapacity: true)
            head = 0
        } else if head > 1024, head > entries.count / 2 {
            entries.removeFirst(head)
            head = 0
        }
    }

    /// The newest txn was not prepared after all.
    mutating func takeBack(_ zxid: Int64) {
        while !isEmpty, let entry = entries.last, entry.zxid == zxid {
            entries.removeLast()
            change(entry.subject, count: -entry.count, bytes: -entry.bytes)
        }
    }

    private mutating func change(_ subject: [UInt8], count: Int64, bytes: Int64) {
        var sum = sums[subject] ?? (0, 0)
        sum.count += count
        sum.bytes += bytes
        sums[subject] = sum == (0, 0) ? nil : sum
    }
}
