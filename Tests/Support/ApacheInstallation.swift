import Foundation

/// Debian's `zookeeper` package on this machine.
public enum ApacheInstallation {
    public struct Missing: Error, CustomStringConvertible {
        public let what: String

        public var description: String { "\(what). `make test` installs Debian's package that has it." }
    }

    public static let mainClass = "org.apache.zookeeper.server.quorum.QuorumPeerMain"
    private static let environmentFile = "/etc/zookeeper/conf/environment"
    /// Comes with the package; without a binding the server would log nothing.
    private static let loggerJar = "/usr/share/java/slf4j-simple.jar"
    /// The package's manifest forgets this one, which the TLS port needs.
    private static let nettyJar = "/usr/share/java/netty-codec.jar"

    /// The class path that the package's `environment` file names, or that `ZOOSH_TEST_ZOOKEEPER_CLASSPATH` does for
    /// another version.
    public static func classPath() throws -> String {
        if let path = ProcessInfo.processInfo.environment["ZOOSH_TEST_ZOOKEEPER_CLASSPATH"] { return path }
        guard let text = try? String(contentsOfFile: environmentFile, encoding: .utf8) else {
            throw Missing(what: "there is no \(environmentFile)")
        }
        let prefix = "CLASSPATH="
        guard let line = text.split(separator: "\n").last(where: { $0.hasPrefix(prefix) }) else {
            throw Missing(what: "\(environmentFile) has no CLASSPATH")
        }
        let value = line.dropFirst(prefix.count).trimmingCharacters(in: CharacterSet(charactersIn: "\"' "))
        let jars = value.split(separator: ":").filter { $0.hasSuffix(".jar") }
        guard !jars.isEmpty else { throw Missing(what: "the CLASSPATH of \(environmentFile) has no jar") }
        return (jars.map(String.init) + [loggerJar, nettyJar]).joined(separator: ":")
    }

    /// What a program needs that uses Apache Curator, from Debian's `libcurator-recipes-java`.
    public static func curatorClassPath() throws -> String {
        let jars = ["curator-recipes", "curator-framework", "curator-client", "guava"].map {
            "/usr/share/java/\($0).jar"
        }
        guard jars.allSatisfy({ FileManager.default.fileExists(atPath: $0) }) else {
            throw Missing(what: "there is no Curator in /usr/share/java")
        }
        return try (jars + [classPath()]).joined(separator: ":")
    }
}
