import Glibc
internal import ShellLanguage

/// Files on the user's machine.
enum LocalFile {
    /// The bytes of the file `name`, or of `input` when `name` is `-`.
    ///
    /// - Throws: ``ShellError`` 74 that names the file and the cause.
    static func read(_ name: FileName, or input: any InputSource) async throws -> [UInt8] {
        if name == "-" { return try await input.readAll() }
        return try read(name)
    }

    static func read(_ name: String) throws(ShellError) -> [UInt8] { try read(FileName(name)) }

    static func read(_ name: FileName) throws(ShellError) -> [UInt8] {
        let reader = try Reader(name)
        var bytes: [UInt8] = []
        while true {
            let chunk = try reader.read()
            if chunk.isEmpty { return bytes }
            bytes.append(contentsOf: chunk)
        }
    }

    /// A file that is read piece by piece.
    final class Reader {
        private let name: FileName
        private let descriptor: Int32

        convenience init(_ name: String) throws(ShellError) { try self.init(FileName(name)) }

        init(_ name: FileName) throws(ShellError) {
            self.name = name
            descriptor = try LocalFile.open(name, O_RDONLY, failing: "cannot open")
        }

        deinit {
            Glibc.close(descriptor)
        }

        /// Up to 64 KiB; empty at the end.
        func read() throws(ShellError) -> [UInt8] {
            var chunk = [UInt8](repeating: 0, count: 1 << 16)
            while true {
                try Readiness.wait(for: POLLIN, on: descriptor)
                let count = Glibc.read(descriptor, &chunk, chunk.count)
                if count >= 0 { return Array(chunk[..<count]) }
                guard errno == EINTR else { throw LocalFile.failure("cannot read", name) }
            }
        }
    }

    /// Opens `name` for writing, which makes it when it is missing.
    static func create(_ name: String, appends: Bool, mode: mode_t = 0o666) throws(ShellError) -> Int32 {
        try create(FileName(name), appends: appends, mode: mode)
    }

    static func create(_ name: FileName, appends: Bool, mode: mode_t = 0o666) throws(ShellError) -> Int32 {
        try open(name, O_WRONLY | O_CREAT | (appends ? O_APPEND : O_TRUNC), mode, failing: "cannot write")
    }

    /// Waits for the other side of a named pipe so that a signal ends the wait.
    static func open(
        _ name: FileName, _ flags: Int32, _ mode: mode_t = 0, failing what: String
    ) throws(ShellError) -> Int32 {
        var information = stat()
        let isPipe = name.withCString { stat($0, &information) } == 0 && information.st_mode & S_IFMT == S_IFIFO
        while true {
            let descriptor = name.withCString {
                Glibc.open($0, flags | O_CLOEXEC | (isPipe ? O_NONBLOCK : 0), mode)
            }
            if descriptor >= 0 {
                if isPipe { _ = fcntl(descriptor, F_SETFL, fcntl(descriptor, F_GETFL) & ~O_NONBLOCK) }
                return descriptor
            }
            guard errno == ENXIO, isPipe else { throw failure(what, name) }
            try Readiness.pause()
        }
    }

    /// Whether what is written reaches a terminal, as with /dev/tty.
    static func isTerminal(_ descriptor: Int32) -> Bool { isatty(descriptor) == 1 }

    static func close(_ descriptor: Int32) {
        Glibc.close(descriptor)
    }

    fileprivate static func failure(_ what: String, _ name: FileName) -> ShellError {
        ShellError(.localIO, "\(what) the file \(name.text): \(systemErrorText(errno))")
    }
}
