internal import NIOCore
internal import Synchronization
public import ZKCore
internal import ZKWire

/// The calls that arm watches take a closure that hears of their events on the client's event loop: in the order of the
/// session, and before a later reply is given to its caller. It must be quick, and must not wait for the client.
extension ZooKeeperClient {
    /// Like ``exists(_:)``, and arms a watch: of the creation of the znode when it is missing, of its next change or its
    /// disappearance when it is there.
    public func existsAndWatch(
        _ path: ZnodePath, onEvent: (@Sendable (WatchEvent) -> Void)? = nil
    ) async throws -> (stat: Stat?, watch: OneShotWatch) {
        let cell = WatchCell(serverPath: serverPath(path), path: path, kind: .exist, onEvent: onEvent)
        let stat = try await exists(path, watch: cell)
        return (stat, OneShotWatch(cell: cell, client: self))
    }

    /// Like ``getData(_:)``, and arms a watch of the next change of the data or the disappearance of the znode.
    public func getDataAndWatch(
        _ path: ZnodePath, onEvent: (@Sendable (WatchEvent) -> Void)? = nil
    ) async throws -> (data: [UInt8]?, stat: Stat, watch: OneShotWatch) {
        let cell = WatchCell(serverPath: serverPath(path), path: path, kind: .data, onEvent: onEvent)
        let (data, stat) = try await getData(path, serverPath: cell.serverPath, watch: cell)
        return (data, stat, OneShotWatch(cell: cell, client: self))
    }

    /// Like ``getChildrenWithStat(_:)``, and arms a watch of the next change of the list or the disappearance of the
    /// znode.
    public func getChildrenAndWatch(
        _ path: ZnodePath, onEvent: (@Sendable (WatchEvent) -> Void)? = nil
    ) async throws -> (children: [String], stat: Stat, watch: OneShotWatch) {
        let cell = WatchCell(serverPath: serverPath(path), path: path, kind: .children, onEvent: onEvent)
        let (children, stat) = try await getChildren(path, watch: cell)
        return (children, stat, OneShotWatch(cell: cell, client: self))
    }

    /// Arms a watch that stays armed until the sequence is let go. The znode need not exist. Needs a server of 3.6 or
    /// later.
    ///
    /// The events of a change come before any reply that shows it. After a reconnect the sequence gives
    /// ``WatchNotification/resumed``: the server does not tell what happened meanwhile.
    public func watch(
        _ path: ZnodePath, mode: AddWatchMode, onNotification: (@Sendable (WatchNotification) -> Void)? = nil
    ) async throws -> WatchSequence {
        let sink = WatchSink(
            serverPath: serverPath(path), mode: mode, elementsMax: WatchSequence.bufferedMax,
            onNotification: onNotification)
        _ = try await call(
            .addWatch, path: path, isRead: true, watch: .persistent(sink),
            AddWatchRequest(path: UString(sink.serverPath.string), mode: mode.rawValue))
        return WatchSequence(sink: sink, client: self, path: path)
    }

    /// Removes all watches of a kind at a path, on the server and here. One-shot watches go off with
    /// `.dataWatchRemoved` or `.childWatchRemoved`, sequences end with `.persistentWatchRemoved`.
    ///
    /// - Throws: ``ZooKeeperError`` with `.noWatcher` when there is none.
    public func removeWatches(_ path: ZnodePath, type: WatcherType) async throws {
        let serverPath = self.serverPath(path)
        _ = try await call(
            .removeWatches, path: path, watch: .removal(type),
            RemoveWatchesRequest(path: UString(serverPath.string), type: type.rawValue))
    }

    /// The watches that are armed now, in the order of their paths.
    public var armedWatches: [ArmedWatch] {
        driver.watches.withLock { $0.armed }.map {
            ArmedWatch(path: driver.chroot.clientPath($0.path), kind: $0.kind)
        }
    }
}
