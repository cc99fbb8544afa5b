import Foundation
import Support

/// The two shells, each on an Apache server of its own that was empty.
enum Shells {
    struct Failure: Error, CustomStringConvertible {
        let description: String
    }

    private static let environment = [
        "PATH": "/usr/local/bin:/usr/bin:/bin", "LC_ALL": "C.UTF-8", "TZ": "UTC", "HOME": "/nonexistent",
    ]

    static func server() async throws -> ApacheServer {
        var options = ApacheOptions.standard
        options.configuration["enforceQuota"] = "true"
        return try await ApacheServer.start(options)
    }

    /// Debian's zkCli.
    static func zkCli(_ arguments: [String] = [], input: String = "", on server: ApacheServer) async throws
        -> CommandResult
    {
        // Debian's package has no script for it that could be told another class path.
        try await ChildProcess.run(
            "java",
            [
                "-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC", "-Xmx128m", "-Dfile.encoding=UTF-8",
                "-Dsun.stdout.encoding=UTF-8", "-Dorg.slf4j.simpleLogger.defaultLogLevel=off", "-cp",
                try ApacheInstallation.classPath(), "org.apache.zookeeper.ZooKeeperMain", "-server",
                server.connectString,
            ] + arguments, environment: environment, input: Array(input.utf8), limit: .seconds(180))
    }

    static func zoosh(
        _ arguments: [String] = [], input: String = "", directory: String? = nil, on server: ApacheServer
    ) async throws -> CommandResult {
        try await ChildProcess.run(
            BuiltProduct.zoosh, ["-s", server.connectString, "--no-history", "--no-config"] + arguments,
            environment: environment, directory: directory, input: Array(input.utf8), limit: .seconds(180))
    }
}
