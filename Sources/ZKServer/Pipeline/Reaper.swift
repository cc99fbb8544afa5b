import ZKCore
import ZKTree

/// Deletes containers that are empty again and TTL znodes whose time is over. Source: `ContainerManager`.
extension ServerCore {
    func reapContainers() {
        lock.lockExclusive()
        let time = BatchTime(clock)
        let perCheck = max(1, configuration.containersPerMinuteMax * configuration.containerCheckMillis / 60_000)
        let candidates = tree.pointee.reapable(
            nowMillis: time.wallMillis, neverUsedMillisMax: Int64(configuration.containerNeverUsedMillisMax))
        for path in candidates.prefix(perCheck) {
            let context = RequestContext(
                sessionID: 0, cxid: 0, timeMillis: time.wallMillis, requester: Requester())
            let txn = path.bytes.withUnsafeBytes {
                tree.pointee.prepareDeleteContainer(path: $0, checksACL: false, context)
            }
            submit(
                PendingRequest(txn: txn, connection: nil, requestType: .deleteContainer, startedNanos: time.nanos))
        }
        let dirty = dirtyLoops()
        let needsSignal = log?.needsSignal() ?? false
        lock.unlock()
        if needsSignal { log?.signal() }
        for loop in dirty { loop.schedule(self) }
    }
}
