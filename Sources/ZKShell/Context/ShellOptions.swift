public import ZKClient

/// The global options, after environment and configuration were read.
public struct ShellOptions: Sendable {
    public enum OutputFormat: String, Sendable, CaseIterable {
        case plain
        case json
        case raw
        case table
    }

    public enum When: String, Sendable, CaseIterable {
        case auto
        case always
        case never
    }

    /// What else the program does, for `help`.
    public var programHelp: [ProgramHelp] = []
    public var server = "localhost:2181"
    /// Files in the place of a server.
    public var offline: OfflineOptions?
    public var sessionTimeout = Duration.seconds(30)
    /// Nil: never give up.
    public var connectTimeout: Duration? = .seconds(10)
    public var operationTimeout: Duration? = .seconds(30)
    /// A read-only session is good enough, and write commands are refused.
    public var isReadOnly = false
    public var createsChroot = false
    public var credentials: [Credential] = []
    public var tls = TLSOptions()
    public var sasl: ZKClient.SASLOptions?
    public var output = OutputFormat.plain
    public var exitsOnError = false
    public var isDryRun = false
    public var assumesYes = false
    public var neverPrompts = false
    public var isQuiet = false
    public var verbosity = 0
    public var traceFile: String?
    public var color = When.auto
    public var pager = "auto"
    /// `$PAGER`, for a pager of `auto`.
    public var defaultPager: String?
    public var promptFormat: String?
    public var usesHistory = true
    public var readsStartupScript = true
    /// The commands that the config file names.
    public var aliases: [String: CommandAlias] = [:]
    public var expandsGlobs = true
    /// A glob that matches nothing stands for nothing, and is no error.
    public var acceptsEmptyGlobs = false
    /// `!!` and the like stand for earlier lines.
    public var expandsHistory = false
    /// Each command is followed by a line that says how long it took.
    public var showsTiming = false
    /// What `edit` runs, a command line for `/bin/sh`.
    public var editor = "vi"
    public var frameBytesMax = 64 << 20
    /// How long a server may take to answer what is asked outside of a session, such as a four-letter word.
    public var probeTimeout = Duration.seconds(3)
    /// zkCli's framing, messages and exit statuses.
    public var isCompatible = false
    var dialect: CommandListParser.Dialect { isCompatible ? .zkCLI : .zoosh }
    /// Several requests of a batch may be under way at once.
    public var pipelines = true

    /// The options that the config file has for another ensemble; nil without a file. Nothing of this session's is in them.
    var profiles: (@Sendable (_ name: String) throws(ShellError) -> ShellOptions)?

    /// What the user should know of the options, a line each.
    public var notices: [String] = []

    public init() {}

    /// What `addauth` sends.
    public struct Credential: Sendable, Hashable {
        public var scheme: String
        public var secret: [UInt8]

        public init(scheme: String, secret: [UInt8]) {
            self.scheme = scheme
            self.secret = secret
        }
    }

    public struct TLSOptions: Sendable, Hashable {
        public var isEnabled = false
        public var caFile: String?
        public var certificateFile: String?
        public var keyFile: String?
        public var keyPassword: String?
        public var serverName: String?
        public var isInsecure = false
        public var verifiesHostname = true
    }
}
