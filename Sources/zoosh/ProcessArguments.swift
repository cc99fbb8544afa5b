internal import Glibc
internal import ShellLanguage

/// The command line as the kernel tells it. Swift looks for it before the environment, and finds something else when a
/// library has moved that in its constructor.
enum ProcessArguments {
    /// The program and its words, as bytes: an operand may be anything but NUL.
    static let all: [[UInt8]] = {
        guard let bytes = commandLine() else {
            return (0..<Int(max(0, CommandLine.argc))).compactMap { index in
                CommandLine.unsafeArgv[index].map { pointer in
                    UnsafeBufferPointer(start: pointer, count: strlen(pointer)).map { UInt8(bitPattern: $0) }
                }
            }
        }
        // Each ends with a NUL.
        return bytes.split(separator: 0, omittingEmptySubsequences: false).dropLast().map(Array.init)
    }()

    /// The words behind the program.
    static var words: [Word] { all.dropFirst().map { Word(bytes: $0) } }

    /// What the program was called; nil when it was called nothing.
    static var program: String? { all.first.flatMap { $0.isEmpty ? nil : String(decoding: $0, as: UTF8.self) } }

    private static func commandLine() -> [UInt8]? {
        let descriptor = open("/proc/self/cmdline", O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { return nil }
        defer { close(descriptor) }
        var bytes: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 1 << 14)
        while true {
            let count = read(descriptor, &chunk, chunk.count)
            if count < 0 { return nil }
            if count == 0 { return bytes }
            bytes += chunk[..<count]
        }
    }
}
