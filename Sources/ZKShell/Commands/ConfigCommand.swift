internal import ShellLanguage
internal import ZKClient
internal import ZKCore

struct ConfigCommand: ShellCommand {
    static let declaration = CommandDeclaration(
        name: "config", group: .server, abstract: "Print the configuration of the ensemble.",
        discussion: "A standalone server has none.",
        examples: [
            .init("config", "members and version"), .init("config -c", "version and connect string for clients"),
        ],
        isFromZKCLI: true)

    @Flag(name: .customShort("c"), help: "Only the version and the client addresses.")
    var isClientString = false

    @Flag(name: .customShort("w"), help: "Arm a watch that reports the next change.")
    var watches = false

    @Flag(name: .customShort("s"), help: "Print the stat of /zookeeper/config as well.")
    var showsStat = false

    func run(in shell: ShellContext) async throws {
        let data: [UInt8]?
        let stat: Stat
        if watches {
            let watch: OneShotWatch
            (data, stat, watch) = try await shell.client().getConfigAndWatch(
                onEvent: shell.session.watchNotices.onEvent)
            shell.session.watchNotices.follow(watch)
        } else if let replica = try shell.offlineReplica() {
            (data, stat) = try OfflineReader(replica: replica).getData("/zookeeper/config")
        } else {
            (data, stat) = try await shell.client().getConfig()
        }
        let text = data.map { String(decoding: $0, as: UTF8.self) } ?? "null"
        try shell.emit(
            ConfigurationResult(
                text: isClientString ? EnsembleConfiguration(text).clientLine : text, stat: showsStat ? stat : nil))
    }
}
