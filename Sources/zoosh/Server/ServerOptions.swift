internal import ShellLanguage

/// The options of `zoosh server` and `zoosh dev`.
struct ServerOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp("Listen there; port 0 takes a free one. Default 127.0.0.1:2181.", valueName: "addr:port"))
    var listen: String?

    @Option(help: "Listen on this port of the loopback address.")
    var port: Int?

    @Option(help: ArgumentHelp("Read a zoo.cfg of Apache ZooKeeper; options here win over it.", valueName: "file"))
    var config: String?

    @Option(help: ArgumentHelp("Write the port there when the server is ready.", valueName: "file"))
    var portFile: String?

    @Option(help: ArgumentHelp("Write the port to this descriptor when the server is ready.", valueName: "fd"))
    var readyFd: Int32?

    @Option(help: ArgumentHelp("Where the data is: Apache's layout, version-2 within it.", valueName: "dir"))
    var dataDir: String?

    @Flag(help: "Keep everything in memory, without any file.")
    var memory = false

    @Option(
        name: .customLong("import"), help: ArgumentHelp("Import an export once the server runs.", valueName: "file"))
    var importFile: String?

    @Option(help: ArgumentHelp("The unit of session timeouts, in milliseconds.", valueName: "ms"))
    var tickTime: Int?

    @Option(help: ArgumentHelp("Txns between two snapshots, at most.", valueName: "n"))
    var snapCount: Int?

    @Option(help: ArgumentHelp("Connections from one address; 0 for any number.", valueName: "n"))
    var maxClientCnxns: Int?

    @Option(help: ArgumentHelp("The shortest session timeout, in milliseconds.", valueName: "ms"))
    var minSessionTimeout: Int?

    @Option(help: ArgumentHelp("The longest session timeout, in milliseconds.", valueName: "ms"))
    var maxSessionTimeout: Int?

    @Option(help: ArgumentHelp("The longest request, jute.maxbuffer.", valueName: "bytes"))
    var maxData: Int?

    @Option(
        help: ArgumentHelp(
            "Serve /commands and /metrics by HTTP on this port of the loopback address.", valueName: "port"))
    var admin: Int?

    @Option(
        name: .customLong("4lw"),
        help: ArgumentHelp(
            "The four-letter words that are answered, or *. Default: srvr,ruok,stat,mntr,isro,conf; on loopback, dev and "
                + "-- CMD allow all that change nothing.", valueName: "list"))
    var fourLetterWords: String?

    @Option(
        name: .customLong("super"),
        help: ArgumentHelp(
            "The super user, USER:PASSWORD; or, so that no list of processes shows the password, USER:BASE64 as "
                + "`digest USER:PASSWORD` prints it.", valueName: "user"))
    var superDigest: String?

    @OptionGroup var security: ServerSecurityOptions

    @Flag(inversion: .prefixedNo, help: "Allow TTL znodes: on, unless --config says otherwise.")
    var ttl: Bool?

    @Flag(help: "Start though txns are missing between the snapshot and the log: without them.")
    var acceptGap = false

    @Flag(help: "Start from logs alone, which begin with the very first txn: snapshot.trust.empty.")
    var trustMissingSnapshot = false

    @Option(
        help: ArgumentHelp(
            "Make faults on purpose: drop=P,delay=DUR,expire=DUR,seed=N. P is the chance that a request breaks its "
                + "connection, done or not; replies come DUR late; sessions end after DUR.", valueName: "faults"))
    var fault: String?

    @Option(help: ArgumentHelp("trace, debug, info, notice, warning, error or critical.", valueName: "level"))
    var log = "warning"

    @Flag(help: "Do not sync the log: what was acknowledged may be lost with the power.")
    var unsafeNoFsync = false

    @Argument(
        parsing: .afterTerminator,
        help: ArgumentHelp(
            "Run CMD against a server that lives as long as it, and return its status.", valueName: "cmd"))
    var command: [String] = []
}
