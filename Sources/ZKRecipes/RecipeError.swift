public import ZKCore

/// Why a recipe gave up.
public enum RecipeError: Error, Hashable, Sendable {
    /// The time that the caller gave was over first. Nothing is left behind in ZooKeeper, once the client has a
    /// connection to clean up with.
    case timedOut(path: ZnodePath)
    /// The znode that stood for the lock, the lease or the leadership is gone: its session expired or was closed, or
    /// somebody deleted it. Another holder may be at work already.
    case lost(path: ZnodePath)
    /// It was held until the ensemble did not answer any more, so that another holder may soon be at work, or was: the
    /// body was stopped, and the znode released if the session lives on.
    case holdUncertain(path: ZnodePath)
    /// A znode of the recipe holds data that is not in the recipe's form.
    case malformedData(path: ZnodePath)
    /// `path` is a contender of another library that does not count the znodes of `layout`: it holds, or will hold, what
    /// is to be held here. The own znode is deleted again.
    case notExclusive(path: ZnodePath, layout: RecipeLayout)
    /// The place of a member is taken by what `occupant` says.
    case taken(path: ZnodePath, occupant: String)
    /// The users of a semaphore do not agree on the number of its leases.
    case leasesDiffer(path: ZnodePath, leasesMax: Int)
    /// The element was read and is gone from the queue, or will be, but whether it was this call that took it is not
    /// known, since the answer was lost. It may have been given to another taker as well.
    case perhapsTaken(path: ZnodePath, data: [UInt8])
}

extension RecipeError: CustomStringConvertible {
    public var description: String {
        switch self {
        case .timedOut(let path):
            "\(path): timed out while others were first; try again later or allow more time"
        case .lost(let path):
            "\(path): lost, as the session ended or the znode was deleted; stop the work that it protected"
        case .holdUncertain(let path):
            "\(path): no longer certain, as the ensemble did not answer; the work that it protected was stopped"
        case .malformedData(let path):
            "\(path): the data is not what this recipe writes; use another path, or delete the znode"
        case .notExclusive(let path, let layout):
            "\(path): \(layout == .kazoo ? "a contender with a name of Curator's" : "a contender of kazoo's") does not "
                + "count names of the layout \(layout.rawValue): they would both hold; use the layout of the others"
        case .taken(let path, let occupant):
            "\(path): the place is taken by \(occupant)"
        case .leasesDiffer(let path, let leasesMax):
            "\(path): has \(leasesMax) leases for its other users; all must agree on the number"
        case .perhapsTaken(let path, _):
            "\(path): whether this was taken here or by another is not known, as the answer was lost"
        }
    }
}
