internal import ZKCore
internal import ZKWire

/// The requests of one connection in one run.
struct LoadPlan {
    let operation: BenchOperation
    /// The first `readCount` are reads.
    private let templates: [RequestTemplate]
    private let readCount: Int

    /// - Parameters:
    ///   - directory: the znode of this run; the keys are below it.
    ///   - connection: creates go below a parent of the connection's own.
    init(_ operation: BenchOperation, directory: String, connection: Int, options: BenchOptions) {
        self.operation = operation
        let keys = Self.keys(of: directory, options)
        let gets = { keys.map { RequestTemplate(.getData, GetDataRequest(path: UString($0), watch: false)) } }
        let sets = {
            let data = Self.markedData(options.valueBytes)
            return keys.map {
                RequestTemplate(
                    .setData, marksNumber: true, SetDataRequest(path: UString($0), data: data, version: -1))
            }
        }
        let create = { (name: String, mode: CreateMode) in
            let path = UString("\(Self.parent(of: connection, in: directory))/\(name)")
            return [
                RequestTemplate(
                    .create, marksNumber: true,
                    CreateRequest(
                        path: path, data: Self.data(options.valueBytes), acl: .openUnsafe, flags: mode.rawValue))
            ]
        }
        let reads: [RequestTemplate]
        let writes: [RequestTemplate]
        switch operation {
        case .get: (reads, writes) = (gets(), [])
        case .set: (reads, writes) = ([], sets())
        case .mixed: (reads, writes) = (gets(), sets())
        case .create: (reads, writes) = ([], create("n##########", .persistent))
        case .seq: (reads, writes) = ([], create("s-", .persistentSequential))
        case .ephemeral: (reads, writes) = ([], create("e##########", .ephemeral))
        case .exists:
            reads = keys.map { RequestTemplate(.exists, ExistsRequest(path: UString($0), watch: false)) }
            writes = []
        case .ls:
            reads = [RequestTemplate(.getChildren, GetChildrenRequest(path: UString(directory), watch: false))]
            writes = []
        }
        templates = reads + writes
        readCount = reads.count
    }

    /// Of mixed, two in ten by the xid are sets.
    func isWrite(_ xid: Int32) -> Bool {
        operation == .mixed ? xid % 10 >= 8 : readCount == 0
    }

    func template(for xid: Int32, random: UInt64) -> RequestTemplate {
        guard operation == .mixed else { return templates[Int(random % UInt64(templates.count))] }
        let index = Int(random % UInt64(readCount))
        return templates[isWrite(xid) ? readCount + index : index]
    }

    /// The znodes that the run needs before it starts, parents first, each with its data.
    static func preparation(
        of operation: BenchOperation, directory: String, options: BenchOptions
    ) -> [(path: String, data: [UInt8])] {
        let children =
            operation.createsZnodes
            ? (0..<options.connections).map { parent(of: $0, in: directory) } : keys(of: directory, options)
        let value = operation.createsZnodes ? [] : data(options.valueBytes)
        // `ls` lists ten children, whatever the number of keys.
        let count = operation == .ls ? min(10, children.count) : children.count
        return [(directory, [])] + children.prefix(count).map { ($0, value) }
    }

    static func keys(of directory: String, _ options: BenchOptions) -> [String] {
        (0..<options.keyCount).map { "\(directory)/k\($0)" }
    }

    static func parent(of connection: Int, in directory: String) -> String { "\(directory)/c\(connection)" }

    private static func data(_ count: Int) -> [UInt8] {
        [UInt8](repeating: UInt8(ascii: "x"), count: count)
    }

    /// Data whose first bytes are the number of the request, so that each set changes something.
    private static func markedData(_ count: Int) -> [UInt8] {
        var bytes = data(count)
        for index in 0..<min(RequestTemplate.digitCount, count) { bytes[index] = UInt8(ascii: "#") }
        return bytes
    }
}
