#if canImport(Glibc)
    import Glibc
#else
    import Darwin
#endif

/// What the operating system knows of this process and this machine.
enum ProcessFacts {
    static var openDescriptors: Int {
        guard let directory = opendir("/proc/self/fd") else { return -1 }
        defer { closedir(directory) }
        var count = 0
        while readdir(directory) != nil { count += 1 }
        // Not counted: the two dots and the descriptor of the look itself.
        return max(0, count - 3)
    }

    static var descriptorsMax: Int {
        var limit = rlimit()
        #if canImport(Glibc)
            getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
        #else
            getrlimit(RLIMIT_NOFILE, &limit)
        #endif
        return Int(truncatingIfNeeded: min(limit.rlim_cur, 1 << 32))
    }

    /// The bytes of the files in a directory.
    static func bytes(in directory: String?) -> Int64 {
        guard let directory, let handle = opendir(directory) else { return 0 }
        defer { closedir(handle) }
        var total: Int64 = 0
        while let entry = readdir(handle) {
            let name = withUnsafePointer(to: &entry.pointee.d_name) { pointer in
                pointer.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
            }
            var status = stat()
            if stat("\(directory)/\(name)", &status) == 0, status.st_mode & S_IFMT == S_IFREG {
                total += Int64(status.st_size)
            }
        }
        return total
    }

    private static func text(_ buffer: [CChar]) -> String {
        String(decoding: buffer.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }

    static var hostName: String {
        var name = [CChar](repeating: 0, count: 256)
        gethostname(&name, 255)
        return Self.text(name)
    }

    static var system: (name: String, release: String, machine: String) {
        var facts = utsname()
        uname(&facts)
        func text<Field>(_ field: Field) -> String {
            withUnsafeBytes(of: field) { bytes in
                String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
            }
        }
        return (text(facts.sysname), text(facts.release), text(facts.machine))
    }

    static func environment(_ name: String) -> String {
        getenv(name).map { String(cString: $0) } ?? ""
    }

    static var workingDirectory: String {
        guard let path = getcwd(nil, 0) else { return "" }
        defer { free(path) }
        return String(cString: path)
    }

    /// `Fri Nov 20 23:35:39 UTC 2026`: `Date.toString` of Java.
    static func javaDate(wallMillis: Int64) -> String {
        var seconds = time_t(wallMillis / 1000)
        var fields = tm()
        localtime_r(&seconds, &fields)
        var buffer = [CChar](repeating: 0, count: 64)
        strftime(&buffer, buffer.count, "%a %b %d %H:%M:%S %Z %Y", &fields)
        return text(buffer)
    }
}
