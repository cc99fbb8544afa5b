import Logging
import Testing

@testable import ZKServer

@Suite("zoo.cfg")
struct ConfigurationTests {
    private static func parse(_ text: String) throws -> (configuration: ServerConfiguration, ignored: [String]) {
        try ServerConfiguration.parse(
            zooCfg: text, logger: Logger(label: "test", factory: { _ in SwiftLogNoOpLogHandler() }))
    }

    @Test func readsAnOrdinaryFile() throws {
        let (configuration, ignored) = try Self.parse(
            """
            # The number of milliseconds of each tick
            tickTime=2000
            initLimit = 10
              dataDir: /var/lib/zookeeper \\
                /data
            clientPort 2182
            clientPortAddress=0.0.0.0
            maxClientCnxns=7
            maxSessionTimeout=3600000
            minSessionTimeout=-1
            autopurge.snapRetainCount=1
            autopurge.purgeInterval=2
            4lw.commands.whitelist=stat, ruok,*
            admin.enableServer=true
            admin.serverPort=0
            """)
        #expect(configuration.tickMillis == 2000)
        #expect(configuration.dataDirectory == "/var/lib/zookeeper /data")
        #expect(configuration.port == 2182)
        #expect(configuration.host == "0.0.0.0")
        #expect(configuration.connectionsPerAddressMax == 7)
        #expect(configuration.sessionTimeoutMillisRange == 4000...3_600_000)
        #expect(configuration.snapshotsKept == 3)
        #expect(configuration.purgeHours == 2)
        #expect(configuration.fourLetterWords == ["stat", "ruok", "*"])
        #expect(configuration.admin.isEnabled)
        #expect(ignored == ["initLimit: ignored, this server runs alone"])
    }

    /// A key that Apache takes for a system property works with and without its prefix.
    @Test(arguments: ["", "zookeeper."])
    func readsSystemProperties(prefix: String) throws {
        let lines = [
            "extendedTypesEnabled=true", "enforceQuota=true", "skipACL=yes", "forceSync=no", "digest.enabled=false",
            "preAllocSize=8", "snapCount=10", "snapshot.trust.empty=true", "snapshot.compression.method=gz",
            "DigestAuthenticationProvider.superDigest=super:x", "znode.container.checkIntervalMs=5",
            "authProvider.x509=org.apache.zookeeper.server.auth.X509AuthenticationProvider", "nonsense=1",
        ]
        let text = (["dataDir=/d"] + lines.map { prefix + $0 }).joined(separator: "\n")
        let (configuration, ignored) = try Self.parse(text)
        #expect(configuration.extendedTypesEnabled && configuration.enforceQuota && configuration.skipACL)
        #expect(!configuration.syncsLog && !configuration.digestEnabled)
        #expect(configuration.preallocationBytes == 8192)
        #expect(configuration.snapCount == 10)
        #expect(configuration.trustsMissingSnapshot && configuration.compressesSnapshots)
        #expect(configuration.superDigest == "super:x")
        #expect(configuration.containerCheckMillis == 5)
        #expect(configuration.extraSchemes == ["x509"])
        #expect(ignored == ["\(prefix)nonsense: ignored"])
    }

    @Test(arguments: [
        ("clientPort=2181", "dataDir is not set"), ("dataDir=/d\nclientPort=70000", "clientPort=70000"),
        ("dataDir=/d\ntickTime=x", "tickTime=x"), ("dataDir=/d\nserver.1=a:1:2", "runs alone"),
        ("dataDir=/d\nsnapshot.compression.method=snappy", "snappy is only read"),
        ("dataDir=/d\nminSessionTimeout=9\nmaxSessionTimeout=8", "is above"),
    ])
    func saysWhatIsWrong(text: String, expected: String) throws {
        let error = #expect(throws: ConfigurationError.self) { _ = try Self.parse(text) }
        #expect(error?.description.contains(expected) == true)
    }
}
