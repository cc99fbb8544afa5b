import Glibc

/// A local file that is read piece by piece.
final class FileStream: Sendable {
    private let name: String
    private let descriptor: Int32

    /// - Throws: ``ShellError`` 74 that names the file and the cause.
    init(_ name: String) throws(ShellError) {
        self.name = name
        descriptor = try LocalFile.open(FileName(name), O_RDONLY, failing: "cannot open")
    }

    /// Whether it can be read as often as one likes.
    var isRegular: Bool {
        var status = stat()
        return fstat(descriptor, &status) == 0 && status.st_mode & S_IFMT == S_IFREG
    }

    deinit {
        close(descriptor)
    }

    /// Up to 256 KiB; empty at the end.
    func read() throws(ShellError) -> [UInt8] {
        var chunk = [UInt8](repeating: 0, count: 1 << 18)
        while true {
            try Readiness.wait(for: POLLIN, on: descriptor)
            let count = Glibc.read(descriptor, &chunk, chunk.count)
            if count >= 0 {
                chunk.removeLast(chunk.count - count)
                return chunk
            }
            guard errno == EINTR else {
                throw ShellError(.localIO, "cannot read the file \(name): \(systemErrorText(errno))")
            }
        }
    }
}
