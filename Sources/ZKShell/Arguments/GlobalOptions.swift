public import ShellLanguage

/// The options before the command, as cli.md's table has them; zkCli's five spellings with one dash are among them.
struct GlobalOptions: ParsableArguments {
    @Option(
        name: [.customShort("s"), .customLong("server"), .customLong("server", withSingleDash: true)],
        help: ArgumentHelp(
            "Connect string HOST[:PORT][,…][/CHROOT]; also zk://… and zks://… (TLS). Default: localhost:2181.",
            valueName: "hosts"), completion: .host)
    var server: String?

    @Option(
        help: ArgumentHelp(
            "Read a data directory, its version-2 or a snapshot in place of a server; nothing is written.",
            valueName: "path"), completion: .file)
    var offline: String?

    @Option(
        help: ArgumentHelp(
            "With --offline: as it was at ZXID, TIME or now. A time is local unless it ends in Z.", valueName: "moment")
    )
    var at: MomentOperand?

    @Flag(help: "With --offline: go on behind txns that are missing or damaged, and name them.")
    var skipDamage = false

    @Option(name: [.short, .long], help: ArgumentHelp("Section of the config file.", valueName: "name"))
    var profile: String?

    @Option(
        name: [.customShort("t"), .customLong("timeout"), .customLong("timeout", withSingleDash: true)],
        help: ArgumentHelp("Session timeout; a bare number is milliseconds. Default: 30s.", valueName: "dur"))
    var timeout: MillisecondsOperand?

    @Option(
        help: ArgumentHelp("Give up connecting after this time; 0 is never. Default: 10s.", valueName: "dur"))
    var connectTimeout: MillisecondsOperand?

    @Option(help: ArgumentHelp("Give up a request after this time; 0 is never. Default: 30s.", valueName: "dur"))
    var opTimeout: MillisecondsOperand?

    @Flag(
        name: [.customShort("r"), .customLong("read-only")],
        help: "Accept a read-only server, and refuse write commands.")
    var isReadOnly = false

    @Flag(
        name: [.customLong("waitforconnection"), .customLong("waitforconnection", withSingleDash: true)],
        help: "Accepted; zoosh always waits for the connection.")
    var waitsForConnection = false

    @Option(
        name: [.customLong("client-configuration"), .customLong("client-configuration", withSingleDash: true)],
        help: ArgumentHelp("Java client properties; warns about what it does not know.", valueName: "file"),
        completion: .file)
    var clientConfiguration: String?

    @Flag(name: .customLong("create-chroot"), help: "Create the chroot when it is missing.")
    var createsChroot = false

    @Option(
        name: [.short, .long],
        help: ArgumentHelp("Add an identity after each connect, SCHEME:CREDENTIALS. Repeatable.", valueName: "auth"))
    var auth: [String] = []

    @Option(
        help: ArgumentHelp("Identities, one a line; - asks without echo.", valueName: "file"), completion: .file)
    var authFile: String?

    @Flag(name: .customLong("tls"), help: "Connect with TLS.")
    var usesTLS = false

    @Option(
        name: .customLong("tls-ca"), help: ArgumentHelp("Certificates to trust, PEM.", valueName: "file"),
        completion: .file)
    var tlsCA: String?

    @Option(
        name: .customLong("tls-cert"),
        help: ArgumentHelp("The client's certificate, PEM, or PKCS12 with its key.", valueName: "file"),
        completion: .file)
    var tlsCertificate: String?

    @Option(
        name: .customLong("tls-key"), help: ArgumentHelp("The client's private key, PEM.", valueName: "file"),
        completion: .file)
    var tlsKey: String?

    @Option(
        name: .customLong("tls-password-file"),
        help: ArgumentHelp("File with the password of the key or PKCS12 file; - asks without echo.", valueName: "file"),
        completion: .file)
    var tlsPasswordFile: String?

    @Option(
        name: .customLong("tls-server-name"),
        help: ArgumentHelp("Name that the server's certificate must have.", valueName: "name"))
    var tlsServerName: String?

    @Flag(name: .customLong("tls-insecure"), help: "Do not check the server's certificate.")
    var tlsIsInsecure = false

    @Option(help: ArgumentHelp("Authenticate with SASL; DIGEST-MD5.", valueName: "mech"))
    var sasl: String?

    @Option(help: ArgumentHelp("SASL user.", valueName: "user"))
    var saslUser: String?

    @Option(help: ArgumentHelp("File with the SASL password.", valueName: "file"), completion: .file)
    var saslPasswordFile: String?

    @Option(name: [.short, .long], help: ArgumentHelp("Output format.", valueName: "format"))
    var output: ShellOptions.OutputFormat?

    @Flag(help: "The same as --output json.")
    var json = false

    @Flag(help: "The same as --output raw.")
    var raw = false

    @Option(name: .customShort("c"), help: ArgumentHelp("Run TEXT as shell input. Repeatable.", valueName: "text"))
    var commands: [WordOperand] = []

    @Option(
        name: .customShort("f"),
        help: ArgumentHelp("Run the commands in FILE; - is stdin. Repeatable.", valueName: "file"), completion: .file)
    var files: [WordOperand] = []

    @Flag(name: [.customShort("e"), .customLong("exit-on-error")], help: "Batch: stop at the first failing command.")
    var exitsOnError = false

    @Flag(name: [.customShort("n"), .customLong("dry-run")], help: "Write commands say what they would do.")
    var isDryRun = false

    @Flag(name: [.customShort("y"), .customLong("yes")], help: "Answer yes to all questions.")
    var assumesYes = false

    @Flag(name: .customLong("no-input"), help: "Never ask; a question that needs an answer is an error.")
    var neverPrompts = false

    @Flag(name: [.customShort("q"), .customLong("quiet")], help: "No notes on stderr.")
    var isQuiet = false

    @Flag(name: [.customShort("v"), .customLong("verbose")], help: "Protocol notes on stderr; twice for more.")
    var verbosity: Int

    @Option(help: ArgumentHelp("Write each frame of the protocol to FILE.", valueName: "file"), completion: .file)
    var trace: String?

    @Option(help: ArgumentHelp("Colours.", valueName: "when"))
    var color: ShellOptions.When?

    @Option(help: ArgumentHelp("Page long output: auto, never, or a command.", valueName: "cmd"))
    var pager: String?

    @Option(
        help: ArgumentHelp("Config file in place of ~/.config/zoosh/config.", valueName: "file"), completion: .file)
    var config: String?

    @Flag(name: .customLong("no-config"), help: "Read no config file.")
    var ignoresConfig = false

    @Flag(name: .customLong("no-history"), help: "Neither read nor write the history file.")
    var ignoresHistory = false

    @Flag(name: .customLong("no-glob"), help: "Take * ? [ in paths literally.")
    var ignoresGlobs = false

    @Flag(name: .customLong("null-glob"), help: "A glob that matches nothing is no error.")
    var acceptsEmptyGlobs = false

    @Option(
        help: ArgumentHelp("Prompt; %h host, %p port, %w working znode, %s state, … see zoosh(1).", valueName: "fmt"))
    var prompt: String?

    @Option(help: ArgumentHelp("Largest reply to accept. Default: 64 MiB.", valueName: "bytes"))
    var maxBuffer: Int?

    @Flag(
        name: .customLong("pipeline"),
        help: "Batch: send commands ahead, as is the default; wins over --no-pipeline.")
    var pipelines = false

    @Flag(name: .customLong("no-pipeline"), help: "Batch: send a command when the one before it is answered.")
    var sendsOneByOne = false

    @Flag(name: .customLong("compat"), help: "zkCli's framing, messages and exit statuses.")
    var isCompatible = false

    @Flag(name: [.customShort("V"), .customLong("version")], help: "Print the version.")
    var showsVersion = false

    /// For completion: whoever presses TAB wants neither questions nor files.
    mutating func forbidEffects() {
        neverPrompts = true
        trace = nil
        createsChroot = false
    }
}

/// A time whose bare number is milliseconds, as zkCli's `-timeout` has it.
struct MillisecondsOperand: ShellValue {
    var duration: Duration

    init?(argument: String) {
        if let millis = Int64(argument), millis >= 0, millis < 1 << 40 {
            duration = .milliseconds(millis)
        } else if let operand = DurationOperand(argument: argument) {
            duration = operand.duration
        } else {
            return nil
        }
    }

    init(word: Word) throws(UsageError) {
        guard let value = Self(argument: word.text) else {
            throw UsageError("\(word.text) is not a time: write it as 500ms, 30s or 2m; a bare number is milliseconds")
        }
        self = value
    }
}

extension ShellOptions.OutputFormat: ShellValue {}
extension ShellOptions.When: ShellValue {}
