internal import Synchronization
internal import ZKCore
public import ZKReplica
internal import ZKStore

/// What `--offline` and `--at` say.
public struct OfflineOptions: Sendable, Hashable {
    public var path: String
    public var moment = Moment.now
    /// Goes on behind what is missing or damaged.
    public var skipsDamage = false

    public init(path: String, moment: Moment = .now, skipsDamage: Bool = false) {
        self.path = path
        self.moment = moment
        self.skipsDamage = skipsDamage
    }
}

/// Files that stand in the place of a server, looked at as they were at one moment. They are read when the first command
/// needs them, and stay as they were read until ``move(to:)``.
public final class OfflineView: Sendable {
    public let path: String
    public let skipsDamage: Bool
    private let wantedMoment: Mutex<Moment>
    /// Held while the files are read.
    private let opened = Mutex<Replica?>(nil)
    /// The last txn of the tree that was read; asked for while another one is being read.
    private let openedZxid = Mutex<Zxid?>(nil)

    init(_ options: OfflineOptions) {
        path = options.path
        skipsDamage = options.skipsDamage
        wantedMoment = Mutex(options.moment)
    }

    public var moment: Moment { wantedMoment.withLock { $0 } }

    /// The tree, read now if it was not yet.
    ///
    /// - Parameter tell: gets what people should know of the files, when they are read.
    /// - Throws: ``ShellError`` 11 for files that are damaged or do not reach the moment, 74, 2.
    func replica(tell: (String) -> Void = { _ in }) throws(ShellError) -> Replica {
        try opened.withLock { opened throws(ShellError) in
            if let opened { return opened }
            let replica = try Self.open(path, at: moment, skipsDamage: skipsDamage, tell: tell)
            opened = replica
            openedZxid.withLock { $0 = replica.zxid }
            return replica
        }
    }

    /// Looks at another moment. What the view shows stays when the files do not have it.
    func move(to moment: Moment, tell: (String) -> Void) throws(ShellError) -> Replica {
        let replica = try Self.open(path, at: moment, skipsDamage: skipsDamage, tell: tell)
        wantedMoment.withLock { $0 = moment }
        opened.withLock { $0 = replica }
        openedZxid.withLock { $0 = replica.zxid }
        return replica
    }

    static func open(
        _ path: String, at moment: Moment, skipsDamage: Bool, tell: (String) -> Void
    ) throws(ShellError) -> Replica {
        do throws(StoreError) {
            let replica = try Replica.open(
                try ReplicaFiles(path: path), at: moment, options: .init(skipsDamage: skipsDamage))
            replica.origin.notices.forEach(tell)
            return replica
        } catch {
            throw ShellError(error)
        }
    }

    /// What the prompt shows: the last name of the path, and the moment.
    var label: (name: String, moment: String) {
        let name = path.split(separator: "/").last.map(String.init) ?? path
        let text =
            switch moment {
            case .now: "now"
            case .zxid(let zxid): zxid.description
            case .time(let millis): openedZxid.withLock { $0?.description } ?? Timestamp.iso(millis: millis)
            }
        return (name, text)
    }
}
