internal import Synchronization
internal import ZKCore
internal import ZKWire

/// What a request changes in the table of the watches, at the moment when its reply comes: a watch that is armed behind
/// a removal must survive it.
enum WatchRegistration {
    /// The kind that exists, getData or getChildren was called for; for exists the reply decides.
    case oneShot(WatchCell)
    case persistent(WatchSink)
    /// All of a kind at the path go.
    case removal(WatcherType)
}

/// The watches of one client, by the path as the server sees it. Source: `ZKWatchManager`.
struct WatchTable {
    private var data: [ZnodePath: [WatchCell]] = [:]
    private var exist: [ZnodePath: [WatchCell]] = [:]
    private var children: [ZnodePath: [WatchCell]] = [:]
    private var persistent: [ZnodePath: [WatchSink]] = [:]
    private var recursive: [ZnodePath: [WatchSink]] = [:]
    /// See ``WatchEvent/ordinal``.
    private static let lastOrdinal = Atomic<UInt64>(0)

    /// Those that an event is for.
    struct Receivers {
        var ordinal: UInt64 = 0
        var cells: [WatchCell] = []
        var sinks: [WatchSink] = []
    }

    /// The paths to arm again on a new connection come in batches of about this many bytes.
    static let batchBytes = 128 * 1024

    // MARK: Registration

    /// Takes up the watch of a request that was answered with `error`, if the server has armed it.
    mutating func register(_ registration: WatchRegistration, path: ZnodePath, error: ErrorCode) {
        switch registration {
        case .oneShot(let cell):
            if cell.isAbandoned { return }
            switch cell.kind {
            case .exist:
                // A znode that exists is watched for what becomes of it, one that does not for its creation.
                if error == .ok {
                    data[path, default: []].append(cell)
                } else if error == .noNode {
                    exist[path, default: []].append(cell)
                }
            case .data:
                if error == .ok { data[path, default: []].append(cell) }
            case .children:
                if error == .ok { children[path, default: []].append(cell) }
            case .persistent, .persistentRecursive:
                preconditionFailure("persistent watches have sinks")
            }
        case .persistent(let sink):
            guard error == .ok, !sink.isAbandoned else { return }
            switch sink.mode {
            case .persistent: persistent[path, default: []].append(sink)
            case .persistentRecursive: recursive[path, default: []].append(sink)
            }
        case .removal:
            preconditionFailure("a removal has receivers")
        }
    }

    /// Forgets a one-shot watch that nobody waits for.
    mutating func remove(_ cell: WatchCell) {
        let path = cell.serverPath
        data.remove(cell, at: path)
        exist.remove(cell, at: path)
        children.remove(cell, at: path)
    }

    /// Forgets a persistent watch. Returns whether it was the last of its mode at its path.
    mutating func remove(_ sink: WatchSink) -> Bool {
        switch sink.mode {
        case .persistent: persistent.remove(sink, at: sink.serverPath)
        case .persistentRecursive: recursive.remove(sink, at: sink.serverPath)
        }
    }

    // MARK: Events

    /// Whom an event is for. One-shot watches that it sets off are gone afterwards.
    mutating func receivers(of type: EventType, at path: ZnodePath) -> Receivers {
        var receivers = Receivers(ordinal: nextOrdinal())
        switch type {
        case .nodeCreated, .nodeDataChanged:
            receivers.cells = data.take(path) + exist.take(path)
        case .nodeDeleted:
            receivers.cells = data.take(path) + exist.take(path) + children.take(path)
        case .nodeChildrenChanged:
            receivers.cells = children.take(path)
        default:
            return receivers
        }
        receivers.sinks = persistent[path] ?? []
        if !recursive.isEmpty, type != .nodeChildrenChanged {
            var ancestor: ZnodePath? = path
            while let current = ancestor {
                receivers.sinks += recursive[current] ?? []
                ancestor = current.parent
            }
        }
        return receivers
    }

    /// Whom the removal of the watches of a kind at `path` concerns, with the event that tells it. They are gone
    /// afterwards.
    mutating func removeAll(_ type: WatcherType, at path: ZnodePath) -> [(event: EventType, receivers: Receivers)] {
        let dataCells = [.data, .any].contains(type) ? data.take(path) + exist.take(path) : []
        let childCells = [.children, .any].contains(type) ? children.take(path) : []
        let sinks =
            ([.persistent, .any].contains(type) ? persistent.removeValue(forKey: path) ?? [] : [])
            + ([.persistentRecursive, .any].contains(type) ? recursive.removeValue(forKey: path) ?? [] : [])
        return [
            (.dataWatchRemoved, Receivers(ordinal: nextOrdinal(), cells: dataCells)),
            (.childWatchRemoved, Receivers(ordinal: nextOrdinal(), cells: childCells)),
            (.persistentWatchRemoved, Receivers(ordinal: nextOrdinal(), sinks: sinks)),
        ]
    }

    private func nextOrdinal() -> UInt64 { Self.lastOrdinal.add(1, ordering: .relaxed).newValue }

    /// Everybody. The table is empty afterwards.
    mutating func removeAll() -> Receivers {
        let tables = [data, exist, children]
        let receivers = Receivers(
            cells: tables.flatMap { $0.values.joined() },
            sinks: [persistent, recursive].flatMap { $0.values.joined() })
        self = WatchTable()
        return receivers
    }

    // MARK: Inventory

    var sinks: [WatchSink] { [persistent, recursive].flatMap { $0.values.joined() } }

    /// By path and kind, each once, in the order of the paths.
    var armed: [(path: ZnodePath, kind: ArmedWatch.Kind)] {
        let all: [(path: ZnodePath, kind: ArmedWatch.Kind)] =
            data.keys.map { ($0, .data) } + exist.keys.map { ($0, .exist) } + children.keys.map { ($0, .children) }
            + persistent.keys.map { ($0, .persistent) } + recursive.keys.map { ($0, .persistentRecursive) }
        return all.sorted { $0.path < $1.path }
    }

    func holds(_ mode: AddWatchMode, at path: ZnodePath) -> Bool {
        switch mode {
        case .persistent: persistent[path] != nil
        case .persistentRecursive: recursive[path] != nil
        }
    }

    func holdsAny(at path: ZnodePath) -> Bool {
        data[path] != nil || exist[path] != nil || children[path] != nil || persistent[path] != nil
            || recursive[path] != nil
    }

    // MARK: Reconnect

    /// The requests that arm everything on a new connection. A batch without persistent watches is a setWatches, which
    /// servers before 3.6 know; the paths of a batch reach ``batchBytes`` before the next one starts, so the last may
    /// overshoot.
    func rearming(relativeZxid: Zxid) -> [SetWatches2] {
        var batches: [SetWatches2] = []
        var batch = SetWatches2(relativeZxid: relativeZxid)
        var bytes = 0
        func add(_ paths: some Sequence<ZnodePath>, to list: WritableKeyPath<SetWatches2, [UString]>) {
            for path in paths {
                if bytes >= Self.batchBytes {
                    batches.append(batch)
                    batch = SetWatches2(relativeZxid: relativeZxid)
                    bytes = 0
                }
                batch[keyPath: list].append(UString(path.string))
                bytes += path.string.utf16.count
            }
        }
        add(data.keys.sorted(), to: \.dataWatches)
        add(exist.keys.sorted(), to: \.existWatches)
        add(children.keys.sorted(), to: \.childWatches)
        add(persistent.keys.sorted(), to: \.persistentWatches)
        add(recursive.keys.sorted(), to: \.persistentRecursiveWatches)
        if bytes > 0 { batches.append(batch) }
        return batches
    }
}

extension SetWatches2 {
    fileprivate init(relativeZxid: Zxid) {
        self.init(
            relativeZxid: relativeZxid, dataWatches: [], existWatches: [], childWatches: [], persistentWatches: [],
            persistentRecursiveWatches: [])
    }

    /// The same as the older request, if that can say it.
    var asSetWatches: SetWatches? {
        guard persistentWatches.isEmpty, persistentRecursiveWatches.isEmpty else { return nil }
        return SetWatches(
            relativeZxid: relativeZxid, dataWatches: dataWatches, existWatches: existWatches, childWatches: childWatches
        )
    }
}

extension Dictionary where Key == ZnodePath, Value == [WatchCell] {
    fileprivate mutating func take(_ path: ZnodePath) -> [WatchCell] { removeValue(forKey: path) ?? [] }
}

extension Dictionary where Key == ZnodePath, Value: RangeReplaceableCollection, Value.Element: AnyObject {
    /// Returns whether the element was there and nothing is left at the path.
    @discardableResult
    fileprivate mutating func remove(_ element: Value.Element, at path: ZnodePath) -> Bool {
        guard var elements = self[path], let index = elements.firstIndex(where: { $0 === element }) else {
            return false
        }
        elements.remove(at: index)
        self[path] = elements.isEmpty ? nil : elements
        return elements.isEmpty
    }
}
