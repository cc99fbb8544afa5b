import Glibc

/// Files on the user's machine.
enum LocalFile {
    /// The bytes of the file `name`, or of `input` when `name` is `-`.
    ///
    /// - Throws: ``ShellError`` 74 that names the file and the cause.
    static func read(_ name: String, or input: any InputSource) async throws -> [UInt8] {
        if name == "-" { return try await input.readAll() }
        return try read(name)
    }

    static func read(_ name: String) throws(ShellError) -> [UInt8] {
        let descriptor = open(name, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { throw failure("cannot open", name) }
        defer { Glibc.close(descriptor) }
        var bytes: [UInt8] = []
        var status = stat()
        if fstat(descriptor, &status) == 0, status.st_size > 0 { bytes.reserveCapacity(Int(status.st_size)) }
        var chunk = [UInt8](repeating: 0, count: 1 << 16)
        while true {
            let count = Glibc.read(descriptor, &chunk, chunk.count)
            if count < 0 {
                if errno == EINTR { continue }
                throw failure("cannot read", name)
            }
            if count == 0 { return bytes }
            bytes.append(contentsOf: chunk[..<count])
        }
    }

    /// Opens `name` for writing, which makes it when it is missing.
    static func create(_ name: String, appends: Bool, mode: mode_t = 0o666) throws(ShellError) -> Int32 {
        let descriptor = open(name, O_WRONLY | O_CREAT | O_CLOEXEC | (appends ? O_APPEND : O_TRUNC), mode)
        guard descriptor >= 0 else { throw failure("cannot write", name) }
        return descriptor
    }

    static func close(_ descriptor: Int32) {
        Glibc.close(descriptor)
    }

    private static func failure(_ what: String, _ name: String) -> ShellError {
        ShellError(.localIO, "\(what) the file \(name): \(systemErrorText(errno))")
    }
}
