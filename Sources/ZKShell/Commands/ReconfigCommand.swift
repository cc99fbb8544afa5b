internal import ShellLanguage
internal import ZKClient
internal import ZKCore

struct ReconfigCommand: ShellCommand {
    static let declaration = CommandDeclaration(
        name: "reconfig", group: .server, abstract: "Change the members of the ensemble.",
        discussion: """
            Either incrementally, with -add and -remove, or as a whole, with -members or -file. A member is
            server.ID=HOST:PORT:PORT[:ROLE];CLIENTPORT and needs no quotes.
            """,
        examples: [
            .init("reconfig -add server.4=zk4:2888:3888;2181", "one more server"),
            .init("reconfig -remove 3,4", "two servers less"),
            .init("reconfig -v 100000003 -file zoo.cfg.dynamic", "all of them, only from that version"),
        ],
        exitStatuses: [
            .init(.badVersion, "the configuration has another version"),
            .init(.noAuth, "needs write permission on /zookeeper/config"),
            .init(.refused, "reconfig is disabled, another one is in progress, or there would be no quorum"),
        ],
        writes: true, isFromZKCLI: true)

    @Flag(name: .customShort("s"), help: "Print the stat of the configuration as well.")
    var showsStat = false

    @Option(
        name: .customShort("v"), help: ArgumentHelp("Only from this version, in hexadecimal.", valueName: "version"))
    var version: String?

    @Option(
        name: [.customLong("file", withSingleDash: true), .customLong("file")],
        help: ArgumentHelp("File with the new members.", valueName: "file"), completion: .file)
    var file: String?

    @Option(
        name: [.customLong("members", withSingleDash: true), .customLong("members")],
        help: ArgumentHelp("The new members, separated by commas.", valueName: "members"))
    var members: String?

    @Option(
        name: [.customLong("add", withSingleDash: true), .customLong("add")],
        help: ArgumentHelp("Servers to add, separated by commas.", valueName: "members"))
    var added: String?

    @Option(
        name: [.customLong("remove", withSingleDash: true), .customLong("remove")],
        help: ArgumentHelp("IDs of servers to remove, separated by commas.", valueName: "ids"))
    var removed: String?

    func validate() throws {
        let isWhole = file != nil || members != nil
        let isIncremental = added != nil || removed != nil
        if !isWhole && !isIncremental { throw UsageError("one of -add, -remove, -members and -file is needed") }
        if isWhole && isIncremental { throw UsageError("-add and -remove do not go with -members and -file") }
        if file != nil && members != nil { throw UsageError("either -members or -file") }
    }

    func run(in shell: ShellContext) async throws {
        var expected: Int64 = -1
        if let version {
            guard let number = Int64(version.hasPrefix("0x") ? String(version.dropFirst(2)) : version, radix: 16) else {
                throw UsageError("-v: \(version) is not a version in hexadecimal")
            }
            expected = number
        }
        let members = try file.map { try Self.members(inFile: $0) } ?? Self.list(members)
        if shell.options.isDryRun {
            return try shell.wouldDo("reconfig: add \(added ?? "-"), remove \(removed ?? "-"), members \(members)")
        }
        let (data, stat) = try await shell.client().reconfig(
            joining: Self.list(added), leaving: Self.list(removed), members: members, version: expected)
        let text = data.map { String(decoding: $0, as: UTF8.self) } ?? ""
        try shell.emit(
            ConfigurationResult(text: text, stat: showsStat ? stat : nil, heading: "Committed new configuration:"))
    }

    /// In lower case, as zkCli sends it.
    private static func list(_ text: String?) -> [String] {
        text?.lowercased().split(separator: ",").map(String.init) ?? []
    }

    private static func members(inFile name: String) throws -> [String] {
        let text = try LocalFile.text(name)
        let members = EnsembleConfiguration(text).members
        guard !members.isEmpty else { throw UsageError("the file \(name) names no server.ID=… line") }
        return members.map { "\($0.key)=\($0.value)".lowercased() }
    }
}
