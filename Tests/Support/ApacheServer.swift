import Foundation
public import Glibc
import Synchronization

/// One Apache ZooKeeper process: a standalone server or a member of an ensemble.
///
/// It is killed with the last reference to it, and in any case when the test process is gone.
public final class ApacheServer: Sendable {
    public struct Failure: Error, CustomStringConvertible {
        public let description: String
    }

    public enum Role: String, Sendable {
        case standalone, leader, follower, observer
    }

    /// The member's number; 0 standalone.
    public let id: Int
    public let port: UInt16
    /// Holds `data`, `zoo.cfg` and `log`.
    public let directory: TemporaryDirectory
    private let options: ApacheOptions
    private let process = Mutex<ChildProcess?>(nil)

    public var connectString: String { "127.0.0.1:\(port)" }
    /// What holds `version-2`.
    public var dataDirectory: String { directory.path("data") }

    /// The lines of `members` make it a member of an ensemble.
    init(id: Int, port: UInt16, members: [String], options: ApacheOptions, dataFrom source: String? = nil) throws {
        self.id = id
        self.port = port
        self.options = options
        directory = try TemporaryDirectory()
        if let source {
            try FileManager.default.copyItem(atPath: source, toPath: dataDirectory)
        } else {
            try FileManager.default.createDirectory(atPath: dataDirectory, withIntermediateDirectories: true)
        }
        try writeConfiguration(members: members)
    }

    deinit {
        process.withLock { $0?.kill() }
    }

    /// Starts a standalone server and waits until it serves.
    ///
    /// - Parameter source: a data directory of which it gets a copy.
    public static func start(_ options: ApacheOptions = .standard, dataFrom source: String? = nil) async throws
        -> ApacheServer
    {
        let server = try ApacheServer(
            id: 0, port: try Loopback.freePort(), members: [], options: options, dataFrom: source)
        try server.launch()
        try await server.waitUntilServing()
        return server
    }

    /// A standalone server that all tests of this process share: they keep to a znode of their own.
    public static func shared() async throws -> ApacheServer { try await sharedServer.value }

    private static let sharedServer = Task { try await start() }

    private func writeConfiguration(members: [String]) throws {
        var settings = [
            "tickTime": "500", "initLimit": "40", "syncLimit": "20", "maxClientCnxns": "0",
            "minSessionTimeout": "500", "maxSessionTimeout": "3600000", "admin.enableServer": "false",
            "4lw.commands.whitelist": "*", "preAllocSize": "1024",
        ]
        settings.merge(options.configuration) { $1 }
        settings.merge(options.memberConfiguration[id] ?? [:]) { $1 }
        settings["dataDir"] = dataDirectory
        if members.isEmpty {
            settings["clientPort"] = "\(port)"
            settings["clientPortAddress"] = "127.0.0.1"
        } else {
            settings["dynamicConfigFile"] = directory.path("members.cfg")
            settings["standaloneEnabled"] = settings["standaloneEnabled"] ?? "false"
            try Data(members.map { $0 + "\n" }.joined().utf8).write(to: directory.url("members.cfg"))
            try Data("\(id)\n".utf8).write(to: directory.url("data/myid"))
        }
        let lines = settings.sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value)\n" }
        try Data(lines.joined().utf8).write(to: directory.url("zoo.cfg"))
    }

    /// Starts the process, for the first time or again; does not wait.
    public func launch() throws {
        let properties = [
            "zookeeper.admin.enableServer": "false", "zookeeper.jmx.log4j.disable": "true",
            "org.slf4j.simpleLogger.showDateTime": "true",
        ].merging(options.properties) { $1 }
        let arguments =
            ["-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC", "-Xshare:auto", "-Xms32m", "-Xmx256m"]
            + options.jvmArguments + properties.sorted { $0.key < $1.key }.map { "-D\($0.key)=\($0.value)" }
            + ["-cp", try ApacheInstallation.classPath(), ApacheInstallation.mainClass, directory.path("zoo.cfg")]
        let child = try ChildProcess(
            "java", arguments, directory: directory.path, output: directory.path("log"))
        process.withLock { $0 = child }
    }

    /// Waits until the server answers `srvr` as one that serves clients.
    public func waitUntilServing(limit: Duration = .seconds(60)) async throws {
        do {
            try await eventually(within: limit, "server \(id) on port \(port) serves") {
                guard let child = process.withLock({ $0 }), child.isRunning else {
                    throw Failure(description: "server \(id) ended before it served. \(logTail())")
                }
                return await role() != nil
            }
        } catch let error as TimeLimitExceeded {
            throw Failure(description: "\(error). \(logTail())")
        }
    }

    /// What `srvr` says; nil when it does not answer or does not serve.
    public func role() async -> Role? {
        guard let answer = try? await Loopback.ask("srvr", port: port, limit: .seconds(2)) else { return nil }
        let line = answer.split(separator: "\n").first { $0.hasPrefix("Mode: ") }
        return line.flatMap { Role(rawValue: String($0.dropFirst("Mode: ".count))) }
    }

    /// The number after `KEY\t` in what `mntr` says.
    public func metric(_ key: String) async throws -> Double? {
        let lines = try await Loopback.ask("mntr", port: port).split(separator: "\n")
        return lines.first { $0.hasPrefix(key + "\t") }.flatMap { Double($0.dropFirst(key.count + 1)) }
    }

    /// `kill -9`.
    public func kill() async {
        guard let child = process.withLock({ $0 }) else { return }
        child.kill()
        await child.waitForExit()
    }

    /// Stops it as its script does, with SIGTERM.
    public func stop() async {
        guard let child = process.withLock({ $0 }) else { return }
        child.signal(SIGTERM)
        await child.waitForExit()
    }

    /// SIGSTOP: connections stay open, nobody answers.
    public func pause() {
        process.withLock { $0?.signal(SIGSTOP) }
    }

    public func resume() {
        process.withLock { $0?.signal(SIGCONT) }
    }

    /// Kills it if it runs, starts it on the same data and waits until it serves.
    public func restart() async throws {
        await kill()
        try launch()
        try await waitUntilServing()
    }

    public var isRunning: Bool { process.withLock { $0?.isRunning ?? false } }
    public var pid: pid_t? { process.withLock { $0?.pid } }

    /// The end of its log, for messages of failed tests.
    public func logTail(lines: Int = 15) -> String {
        let text = (try? String(contentsOf: directory.url("log"), encoding: .utf8)) ?? ""
        return "The end of its log:\n" + text.split(separator: "\n").suffix(lines).joined(separator: "\n")
    }
}
