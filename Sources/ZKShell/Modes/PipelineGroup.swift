/// Commands of a script that become one request, or one that does not share it.
enum PipelineGroup {
    case single(PipelinedRun)
    case reads(ArraySlice<PipelinedRun>)
    case writes(ArraySlice<PipelinedRun>)

    /// Cuts `commands` into groups of neighbours.
    static func groups(of commands: [PipelinedRun]) -> [PipelineGroup] {
        var groups: [PipelineGroup] = []
        var rest = commands[...]
        while let first = rest.first {
            let reads = rest.prefix(SharedReads.countMax).prefix { $0.command.sharesReads }
            let writes = shareableWrites(in: rest)
            if !reads.isEmpty {
                groups.append(.reads(reads))
                rest = rest.dropFirst(reads.count)
            } else if writes.count >= SharedWrites.countMin {
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
