/// Commands of a script that become one request, or one that does not share it.
enum PipelineGroup {
    case single(PipelinedRun)
    case reads(ArraySlice<PipelinedRun>)
    case writes(ArraySlice<PipelinedRun>)

    /// The commands, made to share their request, and what sends it when they have begun; nil when each sends its own.
    ///
    /// - Parameter inTurn: whether writes that fail together are repeated one after the other, up to the first failure.
    func shared(inTurn: Bool) -> (commands: ArraySlice<PipelinedRun>, send: (@Sendable () async -> Void)?) {
        switch self {
        case .single(let command): return ([command], nil)
        case .reads(var commands):
            let reads = SharedReads(client: commands[commands.startIndex].client)
            for index in commands.indices { commands[index].context.pinnedReads = reads }
            return (commands, reads.send)
        case .writes(var commands):
            let writes = SharedWrites(client: commands[commands.startIndex].client, inTurn: inTurn)
            for index in commands.indices { commands[index].context.pinnedWrites = writes }
            return (commands, writes.send)
        }
    }

    /// Whether it may have to be repeated one by one, before anything that comes after it.
    var isSharedWrite: Bool { if case .writes = self { true } else { false } }

    var writes: Bool {
        switch self {
        case .single(let run): run.command.writes
        case .reads: false
        case .writes: true
        }
    }

    /// Cuts `commands` into groups of neighbours.
    ///
    /// - Parameter sharedWritesMin: fewer writes are not worth a multi.
    static func groups(of commands: [PipelinedRun], sharedWritesMin: Int) -> [PipelineGroup] {
        var groups: [PipelineGroup] = []
        var rest = commands[...]
        while let first = rest.first {
            let reads = rest.prefix(SharedReads.countMax).prefix { $0.command.sharesReads }
            let writes = shareableWrites(in: rest)
            if !reads.isEmpty {
                groups.append(.reads(reads))
                rest = rest.dropFirst(reads.count)
            } else if writes.count >= sharedWritesMin {
                groups.append(.writes(writes))
                rest = rest.dropFirst(writes.count)
            } else {
                groups.append(.single(first))
                rest = rest.dropFirst()
            }
        }
        return groups
    }

    private static func shareableWrites(in commands: ArraySlice<PipelinedRun>) -> ArraySlice<PipelinedRun> {
        var bytes = 0
        return commands.prefix(SharedWrites.countMax).prefix { prepared in
            guard let more = prepared.command.sharedWriteBytes else { return false }
            bytes += more
            return bytes <= SharedWrites.bytesMax
        }
    }
}
