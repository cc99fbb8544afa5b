import Glibc

/// A program of this package as the build left it, for tests that run it like its users do.
public enum BuiltProduct {
    public static let zoosh = path("zoosh")

    /// Where the build puts all products: beside the test program.
    public static let directory: String = {
        var buffer = [CChar](repeating: 0, count: 4096)
        let count = readlink("/proc/self/exe", &buffer, buffer.count)
        let program = String(decoding: buffer.prefix(max(0, count)).map { UInt8(bitPattern: $0) }, as: UTF8.self)
        return program.split(separator: "/").dropLast().reduce("") { $0 + "/" + $1 }
    }()

    public static func path(_ name: String) -> String { directory + "/" + name }
}
