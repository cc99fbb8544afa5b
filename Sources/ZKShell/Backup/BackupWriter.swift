internal import Glibc
internal import ZKDigest
internal import ZKText

/// Writes a backup: a tar of its parts, then the manifest that names them, then the manifest's seal.
///
/// Until it is whole it is called `.partial`, which is what an interruption leaves.
final class BackupWriter {
    let name: String
    private let partialName: String
    private let descriptor: Int32
    private var offset: Int64 = 0
    private var isDone = false
    private var parts: [BackupManifest.Part] = []
    private let seconds: Int64

    /// - Throws: ``ShellError`` 2 when there is a file of that name already, 74.
    init(_ name: String, madeMillis: Int64) throws(ShellError) {
        guard access(name, F_OK) != 0 else {
            throw .usage("\(name) is there already: name another file, or delete it")
        }
        self.name = name
        partialName = name + ".partial"
        seconds = madeMillis / 1000
        descriptor = try LocalFile.create(partialName, appends: false, mode: 0o600)
    }

    deinit {
        close(descriptor)
        if !isDone { unlink(partialName) }
    }

    /// Adds a file, whose bytes `body` hands out piece by piece.
    func addPart(_ name: String, _ body: (_ write: ([UInt8]) throws(ShellError) -> Void) async throws -> Void)
        async throws
    {
        let start = offset
        // Its length is known when it is written.
        try write([UInt8](repeating: 0, count: TarFile.blockBytes))
        var digest = SHA256()
        var size: Int64 = 0
        try await body { bytes throws(ShellError) in
            digest.update(bytes)
            size += Int64(bytes.count)
            try self.write(bytes)
        }
        try pad(size)
        try write(TarFile.header(name: name, size: size, seconds: seconds), at: start)
        parts.append(BackupManifest.Part(name: name, size: size, sha256: Hex.encode(digest.finish())))
    }

    /// Adds a file that is whole already.
    func addFile(_ path: String, as name: String) async throws {
        try await addPart(name) { write in
            let file = try FileStream(path)
            while case let bytes = try file.read(), !bytes.isEmpty { try write(bytes) }
        }
    }

    /// Writes the manifest and makes the file count.
    func finish(_ manifest: BackupManifest) throws(ShellError) {
        var manifest = manifest
        manifest.parts = parts
        let text = manifest.json.serialized + [.newline]
        try addWhole(BackupManifest.fileName, text)
        let seal = Hex.encode(SHA256.hash(text)) + "  \(BackupManifest.fileName)\n"
        try addWhole(BackupManifest.sealName, Array(seal.utf8))
        try write([UInt8](repeating: 0, count: 2 * TarFile.blockBytes))
        guard fsync(descriptor) == 0, rename(partialName, name) == 0 else {
            throw ShellError(.localIO, "cannot write the file \(name): \(systemErrorText(errno))")
        }
        isDone = true
    }

    private func addWhole(_ name: String, _ bytes: [UInt8]) throws(ShellError) {
        try write(TarFile.header(name: name, size: Int64(bytes.count), seconds: seconds))
        try write(bytes)
        try pad(Int64(bytes.count))
    }

    private func pad(_ size: Int64) throws(ShellError) {
        let rest = Int(size % Int64(TarFile.blockBytes))
        if rest > 0 { try write([UInt8](repeating: 0, count: TarFile.blockBytes - rest)) }
    }

    private func write(_ bytes: [UInt8]) throws(ShellError) {
        try write(bytes, at: offset)
        offset += Int64(bytes.count)
    }

    private func write(_ bytes: [UInt8], at offset: Int64) throws(ShellError) {
        var done = 0
        while done < bytes.count {
            let count = bytes[done...].withUnsafeBytes {
                pwrite(descriptor, $0.baseAddress, $0.count, off_t(offset) + done)
            }
            if count < 0 {
                if errno == EINTR { continue }
                throw ShellError(.localIO, "cannot write the file \(partialName): \(systemErrorText(errno))")
            }
            done += count
        }
    }
}
