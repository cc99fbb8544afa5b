internal import Glibc
internal import ZKDigest
internal import ZKText

/// A backup that was opened: its manifest is whole, and its parts are where it says.
final class BackupFile: Sendable {
    let name: String
    let manifest: BackupManifest
    private let descriptor: Int32
    private let entries: [String: TarFile.Entry]

    private static let manifestBytesMax: Int64 = 16 << 20

    /// - Throws: ``ShellError`` 11 when it is damaged, 74 when it cannot be read.
    init(_ name: String) throws(ShellError) {
        let descriptor = try LocalFile.open(FileName(name), O_RDONLY, failing: "cannot open")
        do throws(ShellError) {
            let entries = try Self.entries(of: descriptor, name)
            manifest = try Self.manifest(of: descriptor, name, entries)
            self.entries = entries
        } catch {
            close(descriptor)
            throw error
        }
        self.name = name
        self.descriptor = descriptor
    }

    deinit {
        close(descriptor)
    }

    /// Whether a file begins like a tar, which no export, snapshot or plan does.
    static func isBackup(_ name: String) -> Bool {
        guard let file = try? FileStream(name), file.isRegular, let start = try? file.read() else { return false }
        return start.count >= TarFile.blockBytes && start[257..<262].elementsEqual("ustar".utf8)
    }

    private static func entries(
        of descriptor: Int32, _ name: String
    ) throws(ShellError) -> [String: TarFile.Entry] {
        var status = stat()
        guard fstat(descriptor, &status) == 0, status.st_mode & S_IFMT == S_IFREG else {
            throw ShellError(.localIO, "\(name) is no regular file")
        }
        var entries: [String: TarFile.Entry] = [:]
        var offset: Int64 = 0
        while true {
            let block = try read(descriptor, name, at: offset, count: TarFile.blockBytes)
            guard block.count == TarFile.blockBytes else {
                throw damaged(name, offset, "the backup ends here, before its end: it was cut off")
            }
            let parsed: (name: String, size: Int64)?
            do {
                parsed = try TarFile.parse(block)
            } catch {
                throw damaged(name, offset, offset == 0 ? "this is no backup" : "the header of a part is damaged")
            }
            guard let header = parsed else { return entries }
            offset += Int64(TarFile.blockBytes)
            guard header.size <= Int64(status.st_size) - offset else {
                throw damaged(
                    name, offset,
                    "the part \(header.name) has \(header.size) bytes, and the backup ends before: it was cut off")
            }
            entries[header.name] = TarFile.Entry(name: header.name, offset: offset, size: header.size)
            let block512 = Int64(TarFile.blockBytes)
            offset += (header.size + block512 - 1) / block512 * block512
        }
    }

    private static func manifest(
        of descriptor: Int32, _ name: String, _ entries: [String: TarFile.Entry]
    ) throws(ShellError) -> BackupManifest {
        guard let entry = entries[BackupManifest.fileName], let sealEntry = entries[BackupManifest.sealName],
            entry.size <= manifestBytesMax, sealEntry.size < 1024
        else { throw ShellError(.corruptFile, "\(name) has no manifest: this is no backup, or it is damaged") }
        let text = try read(descriptor, name, at: entry.offset, count: Int(entry.size))
        let seal = try read(descriptor, name, at: sealEntry.offset, count: Int(sealEntry.size))
        guard seal.starts(with: Hex.encode(SHA256.hash(text)).utf8) else {
            throw damaged(name, entry.offset, "the manifest does not have the checksum that it should have")
        }
        guard let json = try? JSONValue(parsing: text), let manifest = BackupManifest(json: json) else {
            throw damaged(name, entry.offset, "this version cannot read such a manifest")
        }
        for part in manifest.parts {
            guard let entry = entries[part.name], entry.size == part.size else {
                throw ShellError(.corruptFile, "\(name): the part \(part.name) is missing, or not as long as it was")
            }
        }
        return manifest
    }

    private static func damaged(_ name: String, _ offset: Int64, _ problem: String) -> ShellError {
        ShellError(.corruptFile, "\(name), byte \(offset): \(problem)")
    }

    private static func read(
        _ descriptor: Int32, _ name: String, at offset: Int64, count: Int
    ) throws(ShellError) -> [UInt8] {
        var bytes = [UInt8](repeating: 0, count: count)
        var done = 0
        while done < count {
            let read = bytes[done...].withUnsafeMutableBytes {
                pread(descriptor, $0.baseAddress, $0.count, off_t(offset) + done)
            }
            if read < 0 {
                if errno == EINTR { continue }
                throw ShellError(.localIO, "cannot read the file \(name): \(systemErrorText(errno))")
            }
            if read == 0 { break }
            done += read
        }
        return Array(bytes[..<done])
    }

    // MARK: Parts

    /// Reads all parts, and compares their checksums.
    ///
    /// - Throws: ``ShellError`` 11 that names the part.
    func verify() throws(ShellError) {
        for part in manifest.parts {
            var digest = SHA256()
            try read(part) { bytes throws(ShellError) in digest.update(bytes) }
            guard Hex.encode(digest.finish()) == part.sha256 else {
                throw Self.damaged(
                    name, entries[part.name]?.offset ?? 0,
                    "the part \(part.name) does not have the checksum that it should have")
            }
        }
    }

    /// Hands out the bytes of a part.
    func read(_ part: BackupManifest.Part, _ body: ([UInt8]) throws(ShellError) -> Void) throws(ShellError) {
        let stream = try stream(of: part)
        while case let bytes = try stream.next(), !bytes.isEmpty { try body(bytes) }
    }

    func stream(of part: BackupManifest.Part) throws(ShellError) -> PartStream {
        guard let entry = entries[part.name] else {
            throw ShellError(.corruptFile, "\(name): the part \(part.name) is missing")
        }
        return PartStream(file: self, offset: entry.offset, left: part.size)
    }

    final class PartStream {
        private let file: BackupFile
        private var offset: Int64
        private var left: Int64

        fileprivate init(file: BackupFile, offset: Int64, left: Int64) {
            self.file = file
            self.offset = offset
            self.left = left
        }

        /// Up to 1 MiB; none at the end.
        func next() throws(ShellError) -> [UInt8] {
            let count = Int(min(left, 1 << 20))
            let bytes = try BackupFile.read(file.descriptor, file.name, at: offset, count: count)
            guard bytes.count == count else {
                throw BackupFile.damaged(file.name, offset, "the file has become shorter while it was read")
            }
            offset += Int64(count)
            left -= Int64(count)
            return bytes
        }
    }

    /// The export in a backup of the kind `tree`.
    func export() throws(ShellError) -> ExportReader {
        guard manifest.kind == .tree, let part = manifest.parts.first else {
            throw ShellError(.corruptFile, "\(name) holds no export")
        }
        return ExportReader(name: name) {
            let stream = try self.stream(of: part)
            return { try stream.next() }
        }
    }

    /// Writes a part to a file.
    func extract(_ part: BackupManifest.Part, to path: String) throws(ShellError) {
        let descriptor = try LocalFile.create(path, appends: false, mode: 0o600)
        defer { LocalFile.close(descriptor) }
        try read(part) { bytes throws(ShellError) in try Output.writeAll(bytes, to: descriptor) }
    }
}
