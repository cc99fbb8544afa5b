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
            "preAllocSize=8", "snapCount=10", "txnLogSizeLimitInKb=3", "fsync.warningthresholdms=0x10",
            "snapshot.trust.empty=true", "snapshot.compression.method=gz",
            "DigestAuthenticationProvider.superDigest=super:x", "znode.container.checkIntervalMs=5",
            "authProvider.x509=org.apache.zookeeper.server.auth.X509AuthenticationProvider", "nonsense=1",
        ]
        let text = (["dataDir=/d"] + lines.map { prefix + $0 }).joined(separator: "\n")
        let (configuration, ignored) = try Self.parse(text)
        #expect(configuration.extendedTypesEnabled && configuration.enforceQuota && configuration.skipACL)
        #expect(!configuration.syncsLog && !configuration.digestEnabled)
        #expect(configuration.preallocationBytes == 8192)
        #expect(configuration.snapCount == 10)
        #expect(configuration.logFileBytesMax == 3072 && configuration.slowSyncMillis == 16)
        #expect(configuration.trustsMissingSnapshot && configuration.compressesSnapshots)
        #expect(configuration.superDigest == "super:x")
        #expect(configuration.containerCheckMillis == 5)
        #expect(configuration.extraSchemes == ["x509"])
        #expect(ignored == ["\(prefix)nonsense: ignored"])
    }

    @Test(arguments: [
        ("clientPort=2181", "dataDir is not set"), ("dataDir=", "dataDir is not set"),
        ("dataDir=/d\nclientPort=70000", "clientPort=70000"),
        ("dataDir=/d\ntickTime=x", "tickTime=x"), ("dataDir=/d\nserver.1=a:1:2\nserver.2=b:1:2", "runs alone"),
        ("dataDir=/d\nsnapshot.compression.method=snappy", "snappy is only read"),
        ("dataDir=/d\nminSessionTimeout=9\nmaxSessionTimeout=8", "is above"),
        ("dataDir=/d\nmaxSessionTimeout=5999", "minSessionTimeout=6000 (2 ticks) is above"),
        ("dataDir=/d\nminSessionTimeout=60001", "is above maxSessionTimeout=60000 (20 ticks). Set both"),
        ("dataDir=/d\nclientPortAddress=1.2.3.4", "clientPort is not"),
        ("dataDir=/d\nsecureClientPortAddress=1.2.3.4", "secureClientPort is not"),
        ("dataDir=/d\nssl.crl=true", "ssl.crl=true cannot be honoured"),
        ("dataDir=/d\nzookeeper.ssl.ocsp=TRUE", "revoked"), ("dataDir=/d\ndb.autocreate=false", "empty directory"),
        ("dataDir=/d\nDigestAuthenticationProvider.digestAlg=SHA-256", "SHA-1"),
        ("dataDir=/d\njute.maxbuffer=0", "jute.maxbuffer=0"), ("dataDir=/d\njute.maxbuffer=0x", "jute.maxbuffer=0x"),
        ("dataDir=/d\njute.maxbuffer=--1", "jute.maxbuffer=--1"),
    ])
    func saysWhatIsWrong(text: String, expected: String) throws {
        let error = #expect(throws: ConfigurationError.self) { _ = try Self.parse(text) }
        #expect(error?.description.contains(expected) == true)
    }

    /// Whatever the table says is honoured is known to the reader, and whatever protects something is not passed over.
    @Test func theTableOfKeysIsTrue() throws {
        let samples = [
            "dataDir": "/d", "dataLogDir": "/l", "forceSync": "no", "skipACL": "yes",
            "snapshot.compression.method": "gz",
            "clientPortAddress": "127.0.0.1", "secureClientPortAddress": "127.0.0.1", "admin.commandURL": "/c",
            "ssl.keyStore.type": "PEM", "ssl.trustStore.type": "PEM", "ssl.clientAuth": "need",
            "ssl.enabledProtocols": "TLSv1.3", "ssl.protocol": "TLSv1.3", "enforce.auth.schemes": "digest",
            "authProvider.": "org.apache.zookeeper.server.auth.X509AuthenticationProvider",
        ]
        let names = ZooCfgKey.all.map(\.name)
        #expect(names.count == Set(names).count)
        for key in ZooCfgKey.all {
            let name = key.name.hasSuffix(".") ? "\(key.name)x" : key.name
            var reader = ZooCfgReader(logger: Logger(label: "test", factory: { _ in SwiftLogNoOpLogHandler() }))
            switch key.treatment {
            case .honoured:
                let values = samples[key.name].map { [$0] } ?? ["1", "true"]
                #expect(
                    values.contains { value in
                        (try? reader.take(key: name, value: value)) != nil && reader.ignored.isEmpty
                    }, "\(name)")
            case .ignored(let reason):
                try reader.take(key: "zookeeper.\(name)", value: "1")
                #expect(reader.ignored == ["zookeeper.\(name): ignored, \(reason)"])
            case .refused(let values, _):
                #expect(throws: ConfigurationError.self) { try reader.take(key: name, value: "other") }
                for value in values { try reader.take(key: name, value: value.uppercased()) }
                #expect(reader.ignored.isEmpty)
            }
        }
    }

    @Test func oneMemberIsNoEnsemble() throws {
        let (configuration, ignored) = try Self.parse("dataDir=/d\nserver.1=localhost:2888:3888\nclientPort=2183")
        #expect(configuration.port == 2183)
        #expect(ignored == ["server.1: ignored, one member makes no ensemble"])
    }

    @Test(arguments: [("0x3ff", 1023), ("#10", 16), ("010", 8), ("100", 100), ("+7", 7)])
    func readsNumbersAsJavaDoes(text: String, number: Int) throws {
        #expect(try Self.parse("dataDir=/d\njute.maxbuffer=\(text)").configuration.frameBytesMax == number)
    }

    @Test func readsWhoIsSuperAndWhoIsNobody() throws {
        let (configuration, _) = try Self.parse(
            "dataDir=/d\nDigestAuthenticationProvider.enabled=false\nletAnySaslUserDoX=x\nreadonlymode.enabled=true\n"
                + "4lw.commands.whitelist=ruok\nadmin.idleTimeout=5\njute.maxbuffer.extrasize=9")
        #expect(!configuration.hasDigestScheme && configuration.anySASLUser == "x")
        #expect(configuration.admin.idleMillisMax == 5 && configuration.lengthBytesExtra == 9)
        #expect(["ruok", "srvr", "isro"].allSatisfy(configuration.answers))
        #expect(!configuration.answers("stat"))
        #expect(!ServerConfiguration.forWords(["ruok"]).answers("isro"))
    }

    @Test func aTimeoutAloneMustFitTheTick() async throws {
        var configuration = ServerConfiguration()
        configuration.sessionTimeoutMillisMax = 100
        await #expect(throws: ConfigurationError.self) { _ = try await EmbeddedServer.start(configuration) }
    }
}

extension ServerConfiguration {
    fileprivate static func forWords(_ words: Set<String>) -> ServerConfiguration {
        var configuration = ServerConfiguration()
        configuration.fourLetterWords = words
        return configuration
    }
}
