import ZKCore
import ZKTree

/// A prepared txn on its way through the log, and who waits for it.
struct PendingRequest {
    var txn: PreparedTxn
    /// nil for the server's own requests.
    var connection: Connection?
    /// The type that was asked for: what the reply looks like.
    var requestType: OpCode
    /// When the request was read, for the latency.
    var startedNanos: UInt64
}
