/// How an Apache ZooKeeper is configured beyond what tests always need.
public struct ApacheOptions: Sendable {
    /// Lines of zoo.cfg; they win over ours.
    public var configuration: [String: String]
    /// JVM properties, such as `zookeeper.extendedTypesEnabled`.
    public var properties: [String: String]
    /// Arguments for the JVM itself, such as `-Xmx1g`.
    public var jvmArguments: [String]
    /// Lines of zoo.cfg of one member only, by its number.
    public var memberConfiguration: [Int: [String: String]]

    public init(
        configuration: [String: String] = [:], properties: [String: String] = [:], jvmArguments: [String] = [],
        memberConfiguration: [Int: [String: String]] = [:]
    ) {
        self.configuration = configuration
        self.properties = properties
        self.jvmArguments = jvmArguments
        self.memberConfiguration = memberConfiguration
    }

    /// A server that knows all node types and grants the super user `super:golden`.
    public static let standard = ApacheOptions(properties: [
        "zookeeper.extendedTypesEnabled": "true",
        "zookeeper.DigestAuthenticationProvider.superDigest": "super:c9T5yFYCHEoR/xZ3KuYTF5tNWis=",
    ])
}
