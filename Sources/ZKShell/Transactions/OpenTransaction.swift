public import ZKClient

/// The operations between `txn` and `commit`.
public struct OpenTransaction: Sendable {
    public var ops: [MultiOp] = []
    /// Whether a line of a script was left out because of a mistake: then `commit` must not go on without it.
    public var hasMistake = false
}
