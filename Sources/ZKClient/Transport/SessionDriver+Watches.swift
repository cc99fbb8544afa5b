internal import NIOCore
internal import Synchronization
internal import ZKCore
internal import ZKWire

/// Watches that nobody reads any more.
extension SessionDriver {
    /// The handle of a one-shot watch is gone. The server may keep its side until it goes off; the event finds nobody.
    func forget(_ cell: WatchCell) {
        watches.withLock { $0.remove(cell) }
    }

    /// The last reader of a persistent watch is gone: the server need not tell us any more.
    func forget(_ sink: WatchSink) {
        let wasLast = watches.withLock { $0.remove(sink) }
        if wasLast { disarm(sink.addWatchKey) }
    }

    /// Sends removeWatches, unless somebody arms the same watch at the same time: then the server would take it for
    /// that one.
    func disarm(_ key: Submissions.AddWatchKey) {
        let type: WatcherType = key.mode == .persistent ? .persistent : .persistentRecursive
        let request = removal(of: type, at: key.path)
        request.onOutcome = { outcome in
            // Servers before 3.9 know no such type, only that of all watches at the path.
            guard case .reply(let header, body: _) = outcome, header.err != .ok, header.err != .noWatcher else {
                return
            }
            self.submit(self.removal(of: .any, at: key.path)) { watches, submissions in
                !watches.holdsAny(at: key.path) && !submissions.pendingAddWatches.keys.contains { $0.path == key.path }
            }
        }
        submit(request) { watches, submissions in
            submissions.pendingAddWatches[key] == nil && !watches.holds(key.mode, at: key.path)
        }
    }

    private func removal(of type: WatcherType, at path: ZnodePath) -> Request {
        RecordRequest(
            type: .removeWatches, path: path, isRead: false, deadline: requestDeadline(),
            body: RemoveWatchesRequest(path: UString(path.string), type: type.rawValue))
    }

    /// Sends a request that nobody waits for, if `condition` holds at its place in the order.
    private func submit(_ request: Request, if condition: (WatchTable, Submissions) -> Bool) {
        var wakesLoop = false
        submissions.withLock { submissions in
            guard submissions.refusal == nil, watches.withLock({ condition($0, submissions) }) else { return }
            submissions.append(request)
            wakesLoop = !submissions.isDrainScheduled
            submissions.isDrainScheduled = true
        }
        if wakesLoop { loop.execute { self.drain() } }
    }

    /// The server has removed the watches of a kind; so do we, and tell those who wait for them.
    func removed(_ type: WatcherType, at path: ZnodePath) {
        let removals = watches.withLock { $0.removeAll(type, at: path) }
        for removal in removals {
            let event = WatchEvent(
                type: removal.event, state: .syncConnected, path: chroot.clientPath(path), zxid: nil,
                ordinal: removal.receivers.ordinal)
            deliver(event, to: removal.receivers)
            for sink in removal.receivers.sinks { sink.finish(nil) }
        }
    }
}
