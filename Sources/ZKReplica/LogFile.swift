public import ZKCore
public import ZKStore

/// One txn log, looked at by itself.
public struct LogFile: Sendable {
    public enum End: Hashable, Sendable {
        case clean
        /// A write that is under way, or that a crash tore.
        case torn(bytes: Int64)
        case damaged(StoreError)
    }

    /// What one pass over it has found.
    public struct Scan: Sendable {
        public var path: String
        public var first: (zxid: Zxid, millis: Int64)?
        public var last: (zxid: Zxid, millis: Int64)?
        public var txns = 0
        public var size: Int64
        /// Where the whole records end.
        public var position: Int64 = 0
        public var end = End.clean
    }

    public let path: String
    public let fileSystem: any FileSystem
    private let options: TxnLogReaderOptions

    public init(path: String, fileSystem: any FileSystem = PosixFileSystem()) {
        self.path = path
        self.fileSystem = fileSystem
        var options = TxnLogReaderOptions()
        // What is shown are the bytes of the file.
        options.normalizing = false
        self.options = options
    }

    /// The log at `path`, or those of a directory in the order of their zxids.
    public static func all(at path: String, fileSystem: any FileSystem = PosixFileSystem()) throws(StoreError)
        -> [LogFile]
    {
        guard try fileSystem.status(of: path)?.isDirectory == true else {
            return [LogFile(path: path, fileSystem: fileSystem)]
        }
        let files = try ReplicaFiles(path: path, fileSystem: fileSystem)
        return files.logs.map { LogFile(path: files.path(of: $0), fileSystem: fileSystem) }
    }

    public var name: String { path.split(separator: "/").last.map(String.init) ?? path }

    public var directory: String {
        let parts = path.split(separator: "/", omittingEmptySubsequences: false)
        return parts.count < 2 ? "." : parts.dropLast().joined(separator: "/")
    }

    /// A reader of its records.
    public func reader() throws(StoreError) -> TxnLogReader {
        try TxnLogReader(file: try fileSystem.open(path, for: .reading), options: options)
    }

    /// Reads it once. Damage is a finding, not an error.
    public func scan() throws(StoreError) -> Scan {
        let file = try fileSystem.open(path, for: .reading)
        var scan = Scan(path: path, size: try file.size())
        guard try !TxnLogReader.isUnwritten(file, options: options) else { return scan }
        var first: (zxid: Zxid, millis: Int64)?
        var last: (zxid: Zxid, millis: Int64)?
        var txns = 0
        do throws(StoreError) {
            var reader = try TxnLogReader(file: file, options: options)
            var failure: StoreError?
            do throws(StoreError) {
                _ = try reader.next { payload in
                    guard let header = TxnRecord.header(of: payload) else { return true }
                    if first == nil { first = (header.zxid, header.timeMillis) }
                    last = (header.zxid, header.timeMillis)
                    txns += 1
                    return false
                }
                if case .torn(_, let bytes, _) = try reader.end() { scan.end = .torn(bytes: bytes) }
            } catch {
                failure = error
            }
            scan.position = reader.position
            if let failure { throw failure }
        } catch {
            guard error.kind == .damaged else { throw error }
            scan.end = .damaged(error)
        }
        (scan.first, scan.last, scan.txns) = (first, last, txns)
        return scan
    }

    /// Copies the first bytes into a new file, durably. Returns how many there are.
    public func copy(upTo end: Int64, to target: String) throws(StoreError) -> Int64 {
        let source = try fileSystem.open(path, for: .reading)
        let copy = try fileSystem.create(target)
        let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: 1 << 20, alignment: 16)
        defer { buffer.deallocate() }
        var offset: Int64 = 0
        while offset < end {
            let piece = UnsafeMutableRawBufferPointer(rebasing: buffer[..<Int(min(end - offset, Int64(buffer.count)))])
            let count = try source.read(into: piece, at: offset)
            guard count > 0 else { break }
            try copy.write(UnsafeRawBufferPointer(rebasing: piece[..<count]), at: offset)
            offset += Int64(count)
        }
        try copy.sync()
        try copy.close()
        try fileSystem.syncDirectory(directory)
        return offset
    }
}
