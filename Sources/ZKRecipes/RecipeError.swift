public import ZKCore

/// Why a recipe gave up.
public enum RecipeError: Error, Hashable, Sendable {
    /// The time that the caller gave was over first. Nothing is left behind in ZooKeeper.
    case timedOut(path: ZnodePath)
    /// The znode that stood for the lock, the lease or the leadership is gone: its session expired or was closed, or
    /// somebody deleted it. Another holder may be at work already.
    case lost(path: ZnodePath)
    /// A znode of the recipe holds data that is not in the recipe's form.
    case malformedData(path: ZnodePath)
}

extension RecipeError: CustomStringConvertible {
    public var description: String {
        switch self {
        case .timedOut(let path):
            "\(path): timed out while others were first; try again later or allow more time"
        case .lost(let path):
            "\(path): lost, as the session ended or the znode was deleted; stop the work that it protected"
        case .malformedData(let path):
            "\(path): the data is not what this recipe writes; use another path, or delete the znode"
        }
    }
}
