import Glibc

/// Small files that hold passwords.
enum SecretFile {
    private static let bytesMax = 1 << 20

    static func read(_ path: String) throws(ConfigurationError) -> String {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { throw failure(path) }
        defer { close(descriptor) }
        var bytes: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 1 << 16)
        while true {
            let count = Glibc.read(descriptor, &chunk, chunk.count)
            if count < 0 {
                if errno == EINTR { continue }
                throw failure(path)
            }
            if count == 0 { break }
            bytes += chunk[..<count]
            guard bytes.count <= bytesMax else { throw ConfigurationError("\(path) is larger than 1 MiB.") }
        }
        return String(decoding: bytes, as: UTF8.self)
    }

    /// The first line: a password, as the files behind `ssl.keyStore.passwordPath` have it.
    static func readLine(_ path: String) throws(ConfigurationError) -> String {
        let text = try read(path)
        return String(text.prefix { $0 != "\n" && $0 != "\r\n" && $0 != "\r" })
    }

    /// Whether group or others may read a file.
    static func isReadableByOthers(_ path: String) -> Bool {
        var status = stat()
        return stat(path, &status) == 0 && status.st_mode & 0o044 != 0
    }

    private static func failure(_ path: String) -> ConfigurationError {
        ConfigurationError("\(path) cannot be read: \(String(cString: strerror(errno))).")
    }
}
