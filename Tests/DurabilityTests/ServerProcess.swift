import Foundation
import Glibc
import Support

/// The built `zoosh server` on a data directory and a port that stay the same over its lives.
final class ServerProcess {
    struct Failure: Error, CustomStringConvertible {
        let description: String
    }

    let dataDirectory: String
    let port: UInt16
    private let files: TemporaryDirectory
    private var child: ChildProcess?
    private var lives = 0

    var connectString: String { "127.0.0.1:\(port)" }

    init(dataDirectory: String, port: UInt16? = nil) throws {
        self.dataDirectory = dataDirectory
        self.port = try port ?? Loopback.freePort()
        files = try TemporaryDirectory()
    }

    deinit {
        child?.kill()
    }

    /// Starts it, and waits until it serves.
    ///
    /// - Parameters:
    ///   - settings: lines of its zoo.cfg, beside those of all tests.
    ///   - fileBytesMax: writes behind that size of a file fail, as on a full disk. A multiple of 512.
    ///   - descriptorsMax: the limit for open files and connections.
    func start(_ settings: String..., fileBytesMax: Int? = nil, descriptorsMax: Int? = nil) async throws {
        lives += 1
        let configuration = files.path("zoo-\(lives).cfg")
        try Data(lines(settings).utf8).write(to: URL(fileURLWithPath: configuration))
        let portFile = files.path("port-\(lives)")
        let limit =
            (fileBytesMax.map { "ulimit -f \($0 / 512); " } ?? "") + (descriptorsMax.map { "ulimit -n \($0); " } ?? "")
        let child = try ChildProcess(
            "/bin/sh",
            [
                "-c", "\(limit)exec \"$@\"", "sh", BuiltProduct.zoosh, "server", "--config", configuration,
                "--port-file", portFile,
            ], output: files.path("output-\(lives)"), errors: files.path("errors-\(lives)"))
        self.child = child
        // Debug builds start in a tenth of a second; but the machine may be busy.
        try await eventually(within: .seconds(120), "a server that listens") {
            if FileManager.default.fileExists(atPath: portFile) { return true }
            guard child.isRunning else { throw Failure(description: "it ended: \(self.errors)") }
            return false
        }
    }

    private func lines(_ settings: [String]) -> String {
        let common = [
            "dataDir=\(dataDirectory)", "clientPort=\(port)", "maxClientCnxns=0", "extendedTypesEnabled=true",
            "4lw.commands.whitelist=*", "tickTime=500", "maxSessionTimeout=3600000", "preAllocSize=64",
            "DigestAuthenticationProvider.superDigest=super:c9T5yFYCHEoR/xZ3KuYTF5tNWis=",
        ]
        return (common + settings).joined(separator: "\n") + "\n"
    }

    /// `kill -9`.
    func kill() async {
        child?.kill()
        await child?.waitForExit()
    }

    /// Asks it to stop, and waits until it has.
    func stop() async -> ChildProcess.Exit? {
        child?.signal(SIGTERM)
        return await exitStatus()
    }

    /// The processor's time that it has taken, in seconds.
    var processorSeconds: Double {
        let stat = child.flatMap { try? String(contentsOfFile: "/proc/\($0.pid)/stat", encoding: .utf8) } ?? ""
        // Behind the name in parentheses: user and system time, in hundredths.
        let fields = stat.split(separator: ")").last.map { $0.split(separator: " ") } ?? []
        return fields.count > 12 ? ((Double(fields[11]) ?? 0) + (Double(fields[12]) ?? 0)) / 100 : 0
    }

    func exitStatus() async -> ChildProcess.Exit? { await child?.waitForExit() }

    /// What it wrote to standard error in this life.
    var errors: String {
        String(decoding: FileManager.default.contents(atPath: files.path("errors-\(lives)")) ?? Data(), as: UTF8.self)
    }
}
