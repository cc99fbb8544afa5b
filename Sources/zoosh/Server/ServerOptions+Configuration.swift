internal import Glibc
internal import Logging
internal import ZKServer
internal import ZKShell

extension ServerOptions {
    /// The server that the options ask for.
    ///
    /// - Parameters:
    ///   - isThrowAway: without a named directory or port a temporary one and a free one are taken.
    ///   - servesShell: it lives with a shell or a command, whose questions it answers.
    /// - Returns: the configuration, what the file says that changes nothing, and a directory to remove at the end.
    func configuration(
        isThrowAway: Bool, servesShell: Bool
    ) throws(ShellError) -> (configuration: ServerConfiguration, remarks: [String], temporaryDirectory: String?) {
        var remarks: [String] = []
        var configuration = ServerConfiguration(logger: try logger())
        configuration.port = isThrowAway ? 0 : 2181
        configuration.extendedTypesEnabled = true
        if let file = config {
            do throws(ConfigurationError) {
                let parsed = try ServerConfiguration.parse(zooCfg: try read(file), logger: configuration.logger)
                configuration = parsed.configuration
                remarks = parsed.ignored.map { "\(file): \($0)" }
            } catch {
                throw ShellError(.usage, "\(file): \(error)")
            }
        }
        try apply(to: &configuration)
        if servesShell, config == nil, fourLetterWords == nil, ServerConfiguration.isLoopback(configuration.host) {
            configuration.fourLetterWords = ServerConfiguration.readingFourLetterWords
        }
        guard !memory else {
            configuration.dataDirectory = nil
            return (configuration, remarks, nil)
        }
        if let dataDir { configuration.dataDirectory = dataDir }
        guard configuration.dataDirectory == nil else { return (configuration, remarks, nil) }
        if isThrowAway {
            let directory = try makeTemporaryDirectory()
            configuration.dataDirectory = directory
            return (configuration, remarks, directory)
        }
        configuration.dataDirectory = try standardDirectory()
        return (configuration, remarks, nil)
    }

    private func logger() throws(ShellError) -> Logger {
        guard let level = Logger.Level(rawValue: log) else {
            let levels = Logger.Level.allCases.map(\.rawValue).joined(separator: ", ")
            throw .usage("--log \(log): none of \(levels)")
        }
        var logger = Logger(label: "zoosh.server", factory: { StreamLogHandler.standardError(label: $0) })
        logger.logLevel = level
        return logger
    }

    private func apply(to configuration: inout ServerConfiguration) throws(ShellError) {
        if let listen { (configuration.host, configuration.port) = try Self.address(listen) }
        if let port {
            guard (0...65535).contains(port) else { throw .usage("--port \(port): a port is from 0 to 65535") }
            configuration.port = port
        }
        if let tickTime { configuration.tickMillis = try positive(tickTime, "--tick-time") }
        if let snapCount { configuration.snapCount = try positive(snapCount, "--snap-count") }
        if let maxClientCnxns {
            guard maxClientCnxns >= 0 else {
                throw .usage("--max-client-cnxns \(maxClientCnxns): a number is needed; 0 stands for any number")
            }
            configuration.connectionsPerAddressMax = maxClientCnxns
        }
        if let minSessionTimeout {
            configuration.sessionTimeoutMillisMin = try positive(minSessionTimeout, "--min-session-timeout")
        }
        if let maxSessionTimeout {
            configuration.sessionTimeoutMillisMax = try positive(maxSessionTimeout, "--max-session-timeout")
        }
        let (shortest, longest) = (configuration.sessionTimeoutMillisMin, configuration.sessionTimeoutMillisMax)
        if let shortest, let longest, shortest > longest {
            throw .usage(
                "the shortest session timeout (--min-session-timeout, \(shortest) ms) is above the longest "
                    + "(--max-session-timeout, \(longest) ms)")
        }
        if let maxData {
            guard maxData <= 1 << 30 else { throw .usage("--max-data \(maxData): 1073741824 at most") }
            configuration.frameBytesMax = try positive(maxData, "--max-data")
        }
        if let ttl { configuration.extendedTypesEnabled = ttl }
        if acceptGap { configuration.acceptsGap = true }
        if trustMissingSnapshot { configuration.trustsMissingSnapshot = true }
        if let superDigest { configuration.superDigest = try Self.digest(ofSuper: superDigest) }
        if let fault { configuration.faults = try Self.faults(fault) }
        if let fourLetterWords {
            configuration.fourLetterWords = Set(fourLetterWords.split(separator: ",").map { $0.filter { $0 != " " } })
        }
        if let admin {
            guard (0...65535).contains(admin) else { throw .usage("--admin \(admin): a port is from 0 to 65535") }
            configuration.admin.isEnabled = true
            configuration.admin.port = admin
        }
        if unsafeNoFsync { configuration.syncsLog = false }
        try security.apply(to: &configuration)
    }

    /// Passwords that look like the base64 of a SHA-1 must be given as such.
    private static func digest(ofSuper text: String) throws(ShellError) -> String {
        let parts = text.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
        guard parts.count == 2, !parts[0].isEmpty, !parts[1].isEmpty else {
            throw .usage("--super \(text): write it as USER:PASSWORD")
        }
        if parts[1].utf8.count == 28, parts[1].hasSuffix("=") { return text }
        return ServerConfiguration.digest(user: String(parts[0]), password: String(parts[1]))
    }

    private func positive(_ value: Int, _ option: String) throws(ShellError) -> Int {
        guard value > 0, value <= Int(Int32.max) else {
            throw .usage("\(option) \(value): a positive number is needed")
        }
        return value
    }

    /// `addr:port`, `[v6]:port`, `:port` or a port alone.
    private static func address(_ text: String) throws(ShellError) -> (host: String, port: Int) {
        let colon = text.lastIndex(of: ":")
        var host = colon.map { text[..<$0] } ?? ""
        let portText = colon.map { text[text.index(after: $0)...] } ?? text[...]
        guard let port = Int(portText), (0...65535).contains(port) else {
            throw .usage("--listen \(text): write it as 127.0.0.1:2181 or [::1]:2181")
        }
        if host.hasPrefix("["), host.hasSuffix("]") { host = host.dropFirst().dropLast() }
        return (host.isEmpty ? "127.0.0.1" : String(host), port)
    }

    private func read(_ file: String) throws(ConfigurationError) -> String {
        guard let stream = fopen(file, "r") else { throw ConfigurationError(String(cString: strerror(errno))) }
        defer { fclose(stream) }
        var bytes: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 1 << 16)
        while case let count = fread(&chunk, 1, chunk.count, stream), count > 0 {
            bytes.append(contentsOf: chunk[..<count])
            guard bytes.count <= 16 << 20 else { throw ConfigurationError("larger than 16 MiB: no configuration file") }
        }
        return String(decoding: bytes, as: UTF8.self)
    }

    private func standardDirectory() throws(ShellError) -> String {
        if let state = environment("XDG_STATE_HOME"), !state.isEmpty { return "\(state)/zoosh/data" }
        guard let home = environment("HOME"), !home.isEmpty else {
            throw .usage("neither XDG_STATE_HOME nor HOME is set: name a directory with --data-dir, or use --memory")
        }
        return "\(home)/.local/state/zoosh/data"
    }

    private func makeTemporaryDirectory() throws(ShellError) -> String {
        var template = Array("\(environment("TMPDIR") ?? "/tmp")/zoosh-server-XXXXXX".utf8CString)
        guard mkdtemp(&template) != nil else {
            throw ShellError(.localIO, "cannot make a temporary directory: \(String(cString: strerror(errno)))")
        }
        return template.withUnsafeBufferPointer { String(cString: $0.baseAddress!) }
    }
}
