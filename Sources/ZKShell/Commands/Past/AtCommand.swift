internal import ShellLanguage
internal import ZKCore
internal import ZKReplica
internal import ZKText

struct AtCommand: ShellCommand {
    static let declaration = CommandDeclaration(
        name: "at", group: .offline, abstract: "Look at the files as they were at another moment.",
        discussion: """
            All commands after it show that moment. A time means the last txn that is not after it; it is local unless it
            ends in Z. Without MOMENT it says which one is shown. A time before now is written -- -15m.
            """,
        examples: [
            .init("at 0x5000a1b00", "after that txn"), .init("at 10:01", "at the most recent 10:01"),
            .init("at now", "after the last txn of the files, read again"),
        ],
        exitStatuses: [
            .init(.usage, "the shell has no files, only a server"),
            .init(.corruptFile, "the files do not have that moment"),
        ])

    @Argument(help: "A zxid, a time, or now.")
    var moment: MomentOperand?

    func run(in shell: ShellContext) async throws {
        guard let offline = shell.session.offline else {
            throw ShellError.usage("a server has no past: look at its files with zoosh --offline DATADIR")
        }
        let replica: Replica
        if let moment {
            replica = try offline.move(to: moment.moment) { shell.warn($0) }
        } else {
            replica = try offline.replica { shell.warn($0) }
        }
        let time = replica.origin.millis.map { Timestamp.iso(millis: $0) }
        try shell.emit(
            TextResult(
                "\(replica.zxid)  \(time ?? "-")  \(replica.znodeCount.grouped) znodes",
                json: .members([
                    "zxid": .string(replica.zxid.description), "time": time.map { .string($0) } ?? .null,
                    "znodes": .int(Int64(replica.znodeCount)),
                ])))
    }
}
