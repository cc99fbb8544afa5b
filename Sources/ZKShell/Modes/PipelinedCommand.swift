internal import ShellLanguage
internal import ZKCore

/// A command that may be sent before the ones before it are answered.
///
/// The server does what a session asks for in the order in which it was asked, so the outcome is the same.
protocol PipelinedCommand: ShellCommand {
    /// Whether the command asks the server one thing, at once and without a look at anything else.
    var isOneRequest: Bool { get }
    /// Whether that is the data of a znode, by ``ShellContext/getData(_:)``.
    var sharesReads: Bool { get }
    /// About as many bytes as the command takes in a request, if it is a write by ``ShellContext/perform(_:)`` that can be
    /// a part of a multi.
    var sharedWriteBytes: Int? { get }
}

extension PipelinedCommand {
    var writes: Bool { type(of: self).declaration.writes }
    var sharesReads: Bool { false }
    var sharedWriteBytes: Int? { nil }
}

extension CreateCommand: PipelinedCommand {
    var isOneRequest: Bool {
        !createsParents && !acceptsExisting && dataOptions.isReady(data)
            // There is a question to ask.
            && acl.map { ACLCaution.uselessDigest(in: $0.entries) == nil } ?? true
    }

    var sharedWriteBytes: Int? {
        guard isOneRequest, !isSequential, !isContainer, ttlMillis == nil else { return nil }
        return 64 + path.word.bytes.count + (data?.word.bytes.count ?? 0) + 64 * (acl?.entries.count ?? 1)
    }
}

extension SetCommand: PipelinedCommand {
    var isOneRequest: Bool { !createsMissing && expectedData == nil && !diff && dataOptions.isReady(data) }
    var sharedWriteBytes: Int? {
        isOneRequest ? 64 + path.word.bytes.count + (data?.word.bytes.count ?? 0) : nil
    }
}

extension DeleteCommand: PipelinedCommand {
    var isOneRequest: Bool { path.isOnePath }
    var sharedWriteBytes: Int? { isOneRequest ? 64 + path[0].word.bytes.count : nil }
}

extension GetCommand: PipelinedCommand {
    var isOneRequest: Bool { path.isOnePath && file == nil && !watches }
    var sharesReads: Bool { true }
}

extension StatCommand: PipelinedCommand {
    var isOneRequest: Bool { path.isOnePath && !watches }
}

extension ExistsCommand: PipelinedCommand {
    var isOneRequest: Bool { path.isOnePath && !watches }
}

extension ListCommand: PipelinedCommand {
    var isOneRequest: Bool {
        path.isOnePath && !isRecursive && depth == nil && !isLong && !marksKinds && !watches && sort == nil
    }
}

extension GetACLCommand: PipelinedCommand {
    var isOneRequest: Bool { path.isOnePath && !isRecursive }
}

extension SyncCommand: PipelinedCommand {
    var isOneRequest: Bool { true }
}

extension EchoCommand: PipelinedCommand {
    var isOneRequest: Bool { true }
}

extension [PathOperand] {
    /// No glob, which would have to be looked up.
    fileprivate var isOnePath: Bool { count == 1 && GlobExpansion(self[0].word, in: .root) == nil }
}

extension DataOptions {
    /// Whether the data is in the command line.
    fileprivate func isReady(_ operand: DataOperand?) -> Bool {
        dataFile == nil && (operand.map { $0.word.bytes.first != UInt8(ascii: "@") } ?? true)
    }
}
