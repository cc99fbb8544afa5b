internal import ShellLanguage
internal import ZKClient
internal import ZKCore
internal import ZKText

struct WhoCommand: ShellCommand {
    static let declaration = CommandDeclaration(
        name: "who", group: .server, abstract: "Show which sessions own or watch a znode, or what a session has.",
        discussion: """
            Asks every server by the four-letter words cons, dump and wchc, or, where they are not allowed, its admin
            server on port 8080.
            For a lock, an election or a group this tells the machine behind each contender.
            """,
        examples: [
            .init("who /locks/a", "the owners of the ephemerals at and below it, and who watches it"),
            .init("who 0x10000abcd0001", "its client, ephemerals and watches"),
        ],
        exitStatuses: [
            .init(.failure, "nobody owns or watches it, or some servers did not tell"),
            .init(.connection, "no server answers"),
        ])

    @Argument(help: "A znode, or a session ID in hexadecimal (0x…).", completion: .znode)
    var subject: PathOperand

    func run(in shell: ShellContext) async throws {
        let endpoints = try shell.endpoints()
        let id = SessionReport.sessionID(subject.word.text)
        let path = id == nil ? try shell.resolve(subject) : nil
        let (report, gaps) = try await shell.sessionReport(from: endpoints)
        let roles: [WhoResult.Row]
        if let id {
            roles = report.byID[id].map { [WhoResult.Row(role: "session", path: nil, session: $0)] } ?? []
        } else {
            let chroot = shell.session.connection.connectString.chroot
            roles = rows(of: path ?? .root, chroot: chroot?.string ?? "", in: report)
        }
        try shell.emit(WhoResult(rows: roles))
        for gap in gaps { shell.warn(gap) }
        if roles.isEmpty || !gaps.isEmpty { throw ShellError.silent(.failure) }
    }

    private func rows(of path: ZnodePath, chroot: String, in report: SessionReport) -> [WhoResult.Row] {
        let full = path.isRoot ? (chroot.isEmpty ? "/" : chroot) : chroot + path.string
        let below = full == "/" ? "/" : full + "/"
        var rows: [WhoResult.Row] = []
        for session in report.sessions {
            for ephemeral in session.ephemerals where ephemeral == full || ephemeral.hasPrefix(below) {
                rows.append(WhoResult.Row(role: "owns", path: ephemeral, session: session))
            }
            for watch in session.watches where watch == full || watch.hasPrefix(below) {
                rows.append(WhoResult.Row(role: "watches", path: watch, session: session))
            }
        }
        return rows
    }
}

/// Sessions and what they have to do with the subject.
struct WhoResult: ShellResult {
    struct Row: Sendable {
        /// `owns`, `watches` or `session`.
        var role: String
        var path: String?
        var session: SessionReport.Session
    }

    var rows: [Row]

    var json: JSONValue {
        .array(
            rows.map { row in
                .members([
                    "role": .string(row.role), "path": row.path.map { .string($0) } ?? .null,
                    "session": SessionsResult.json(of: row.session),
                ])
            })
    }

    func writePlain(to output: Output) throws(ShellError) {
        guard let first = rows.first else { return }
        if first.role == "session" {
            try SessionsResult(sessions: [first.session]).writePlain(to: output)
            for path in first.session.ephemerals { try output.writeLine("owns     \(path)") }
            for path in first.session.watches { try output.writeLine("watches  \(path)") }
            return
        }
        var table = Table(columns: [
            .init("SESSION"), .init("CLIENT"), .init("SERVER"), .init("ROLE"), .init("PATH"),
        ])
        for row in rows {
            table.add([
                Hex.number(row.session.id), row.session.connection?.client ?? "-",
                row.session.connection?.server ?? "-",
                row.role, row.path ?? "",
            ])
        }
        try table.write(to: output)
    }
}
