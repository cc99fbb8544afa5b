public import ZKCore
public import ZKStore

/// One change of a txn: the txn itself, or a part of a multi.
public struct TxnPart: Hashable, Sendable {
    public var type: OpCode
    public var txn: Txn
    /// From 1 on; 0 when the txn is no multi.
    public var number: Int
    /// How many parts the multi has; 0 when the txn is none.
    public var count: Int
}

extension LoggedTxn {
    /// The changes, in their order.
    public var parts: [TxnPart] {
        guard case .multi(let parts) = txn else { return [TxnPart(type: header.type, txn: txn, number: 0, count: 0)] }
        return parts.enumerated().map { TxnPart(type: $1.type, txn: $1.txn, number: $0 + 1, count: parts.count) }
    }

    /// Whether nothing came of it: a request that was refused, or a multi that failed.
    public var isRefused: Bool { parts.contains { $0.type == .error } }
}
