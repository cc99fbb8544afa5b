import ZKCore
import ZKWire

/// What a whole snapshot held.
public struct SnapshotSummary: Hashable, Sendable {
    public var sessions = 0
    public var aclLists = 0
    public var znodes = 0
    public var trailers = SnapshotTrailers()

    public init() {}
}

/// Reads snapshots and verifies their checksums.
public enum SnapshotReader {
    /// Whether a file looks like a whole snapshot, without reading it: a server that died while it wrote one leaves a
    /// file that does not. Source: `SnapStream.isValidSnapshot`.
    public static func looksWhole(_ file: any OpenFile, compression: SnapshotCompression) throws(StoreError) -> Bool {
        switch compression {
        case .none:
            let size = try file.size()
            guard size >= 10 else { return false }
            return try bytes(of: file, count: 5, at: size - 5) == SnapshotFormat.rootMark
        case .gzip:
            return try bytes(of: file, count: 2, at: 0) == [0x1f, 0x8b]
        case .snappy:
            return try bytes(of: file, count: 8, at: 0) == SnappySource.magic
        }
    }

    /// Hands all that a snapshot holds to `sink`.
    ///
    /// A string or buffer of any length is taken when its bytes are there.
    ///
    /// - Throws: `damaged` when the file is not a snapshot from its first to its last byte; `sink` then has a part.
    public static func read<Sink: SnapshotSink>(
        _ file: any OpenFile, compression: SnapshotCompression, into sink: inout Sink
    ) throws(StoreError) -> SnapshotSummary {
        sink.begin(bytes: compression == .none ? try file.size() : try file.size() * 4)
        switch compression {
        case .none:
            var parser = SnapshotParser(source: PlainSource(file), path: file.path)
            return try parser.parse(into: &sink)
        case .gzip:
            var parser = SnapshotParser(source: try GzipSource(file), path: file.path)
            return try parser.parse(into: &sink)
        case .snappy:
            var parser = SnapshotParser(source: try SnappySource(file), path: file.path)
            return try parser.parse(into: &sink)
        }
    }

    private static func bytes(of file: any OpenFile, count: Int, at offset: Int64) throws(StoreError) -> [UInt8] {
        var window = try FileWindow(file)
        return try window.prefix(upTo: count, at: offset) { [UInt8]($0) }
    }
}

/// Cuts the elements out of a stream in place: the window is as small as a cache, and grows for one that is longer.
private struct SnapshotParser<Source: ByteSource>: ~Copyable {
    private static var windowBytes: Int { 256 << 10 }

    private var source: Source
    private let path: String
    private var window = UnsafeMutableRawBufferPointer.allocate(byteCount: windowBytes, alignment: 16)
    /// The part of the window that is not parsed yet.
    private var unparsed = 0..<0
    /// Up to here the window is in the checksum.
    private var summed = 0
    /// The offset of the window's start in the unpacked snapshot.
    private var base: Int64 = 0
    private var isAtEnd = false
    private var checksum = Adler32()
    private var summary = SnapshotSummary()

    init(source: Source, path: String) {
        self.source = source
        self.path = path
    }

    deinit {
        window.deallocate()
    }

    mutating func parse<Sink: SnapshotSink>(into sink: inout Sink) throws(StoreError) -> SnapshotSummary {
        let (magic, version) = try element { (reader) throws(JuteError) in
            let start = (try reader.readInt32(), try reader.readInt32())
            _ = try reader.readInt64()
            return start
        }
        guard magic == 0x5a4b_534e else { throw damaged("this is no snapshot: it does not start with ZKSN", at: 0) }
        guard version == 2 else { throw damaged("the snapshot has format \(version); only 2 can be read", at: 4) }
        try parseSessions(into: &sink)
        try parseACLLists(into: &sink)
        while try parseZnode(into: &sink) {
            summary.znodes += 1
        }
        try parseSeal()
        // What older servers do not write may be missing as a whole.
        if try hasMore() {
            summary.trailers.digest = try parseDigest()
            try parseSeal()
        }
        if try hasMore() {
            summary.trailers.lastProcessedZxid = try element { (reader) throws(JuteError) in try reader.readZxid() }
            try parseSeal()
        }
        return summary
    }

    private mutating func parseSessions<Sink: SnapshotSink>(into sink: inout Sink) throws(StoreError) {
        for _ in 0..<(try count()) {
            let (id, timeout) = try element { (reader) throws(JuteError) in
                (try reader.readInt64(), try reader.readInt32())
            }
            sink.session(id: id, timeoutMillis: timeout)
            summary.sessions += 1
        }
    }

    private mutating func parseACLLists<Sink: SnapshotSink>(into sink: inout Sink) throws(StoreError) {
        for _ in 0..<(try count()) {
            let (id, acl) = try element { (reader) throws(JuteError) in
                (try reader.readInt64(), try reader.readACLs())
            }
            sink.aclList(id: id, acl.map(\.normalized))
            summary.aclLists += 1
        }
    }

    /// False at the mark that ends the znodes.
    private mutating func parseZnode<Sink: SnapshotSink>(into sink: inout Sink) throws(StoreError) -> Bool {
        let offset = base + Int64(unparsed.lowerBound)
        // The sink is called within, while the bytes stay where they are, once the znode is there as a whole.
        let outcome = try element { (reader) throws(JuteError) -> Result<Bool, RecoveryRefusal> in
            guard let path = try reader.readBytesInPlace() else { throw .unexpectedNull }
            if path.count == 1, path[0] == UInt8(ascii: "/") { return .success(false) }
            let data = try reader.readBytesInPlace()
            let aclID = try reader.readInt64()
            let stat = try reader.readStatPersisted()
            do throws(RecoveryRefusal) {
                if let normalized = JavaString.normalized(path) {
                    try sink.znode(normalized: normalized, data: data, aclID: aclID, stat: stat)
                } else {
                    try sink.znode(path: path, data: data, aclID: aclID, stat: stat)
                }
                return .success(true)
            } catch {
                return .failure(error)
            }
        }
        switch outcome {
        case .success(let isZnode): return isZnode
        case .failure(let refusal): throw damaged(refusal.reason, at: offset)
        }
    }

    private mutating func parseDigest() throws(StoreError) -> SnapshotTrailers.Digest? {
        let digest = try element { (reader) throws(JuteError) in
            SnapshotTrailers.Digest(
                zxid: try reader.readZxid(),
                digest: TxnDigest(version: try reader.readInt32(), treeDigest: try reader.readInt64()))
        }
        // 0: the server that wrote it knew none.
        return digest.zxid == .zero ? nil : digest
    }

    private mutating func parseSeal() throws(StoreError) {
        sum(upTo: unparsed.lowerBound)
        let expected = UInt64(checksum.value)
        let offset = base + Int64(unparsed.lowerBound)
        let isRight = try element { (reader) throws(JuteError) in
            let checksum = UInt64(bitPattern: try reader.readInt64())
            let mark = try reader.readBytesInPlace()
            return checksum == expected && mark?.elementsEqual("/".utf8) == true
        }
        guard isRight else { throw damaged("the checksum is wrong", at: offset) }
    }

    private mutating func count() throws(StoreError) -> Int {
        max(0, Int(try element { (reader) throws(JuteError) in try reader.readInt32() }))
    }

    private mutating func hasMore() throws(StoreError) -> Bool {
        if unparsed.isEmpty { try refill() }
        return !unparsed.isEmpty
    }

    /// Parses one element; reads on and starts it again when the window ends within it.
    private mutating func element<Value>(
        _ parse: (inout JuteReader) throws(JuteError) -> Value
    ) throws(StoreError) -> Value {
        while true {
            var reader = JuteReader(UnsafeRawBufferPointer(rebasing: window[unparsed]), lengthMax: Int(Int32.max))
            do throws(JuteError) {
                let value = try parse(&reader)
                unparsed = unparsed.lowerBound + reader.position..<unparsed.upperBound
                return value
            } catch {
                guard error == .truncated, !isAtEnd else {
                    throw damaged("\(error)", at: base + Int64(unparsed.lowerBound))
                }
            }
            try refill()
        }
    }

    /// Moves what is not parsed to the front and reads behind it.
    private mutating func refill() throws(StoreError) {
        sum(upTo: unparsed.lowerBound)
        let kept = unparsed.count
        if kept > window.count / 2 {
            // Two strings or buffers and what is around them.
            guard kept < 1 << 33 else { throw damaged("an element is too long", at: base) }
            let larger = UnsafeMutableRawBufferPointer.allocate(byteCount: window.count * 2, alignment: 16)
            larger.copyMemory(from: UnsafeRawBufferPointer(rebasing: window[unparsed]))
            window.deallocate()
            window = larger
        } else if kept > 0, let start = window.baseAddress {
            start.copyMemory(from: start + unparsed.lowerBound, byteCount: kept)
        }
        base += Int64(unparsed.lowerBound)
        summed = 0
        let count = try source.read(into: UnsafeMutableRawBufferPointer(rebasing: window[kept...]))
        isAtEnd = count == 0
        unparsed = 0..<kept + count
    }

    private mutating func sum(upTo end: Int) {
        checksum.update(UnsafeRawBufferPointer(rebasing: window[summed..<end]))
        summed = end
    }

    private func damaged(_ problem: String, at offset: Int64? = nil) -> StoreError {
        .damaged(
            path, at: offset, problem, wayOut: "Restore the file, or move it away to start from an older snapshot.")
    }
}

extension SnapshotSink {
    fileprivate mutating func znode(
        normalized path: [UInt8], data: UnsafeRawBufferPointer?, aclID: Int64, stat: StatPersisted
    ) throws(RecoveryRefusal) {
        // `withUnsafeBytes` does not carry typed errors.
        var refusal: RecoveryRefusal?
        path.withUnsafeBytes { path in
            do throws(RecoveryRefusal) {
                try znode(path: path, data: data, aclID: aclID, stat: stat)
            } catch {
                refusal = error
            }
        }
        if let refusal { throw refusal }
    }
}
