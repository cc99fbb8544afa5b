/// zoosh-server(1)
enum ServerManual {
    static func page(
        _ programCommands: [ProgramCommand], _ configurationKeys: [(text: String, names: [String])]
    ) -> String {
        var page = ManualPage(
            "zoosh-server", section: 1, abstract: "ZooKeeper-compatible server for development and tests")
        page.section("SYNOPSIS")
        for line in [
            ".Nm zoosh server", ".Op Ar option ...", ".Op Fl - Ar command ...", ".Nm zoosh dev", ".Op Ar option ...",
        ] { page.macro(line) }
        page.section("DESCRIPTION")
        page.prose(
            """
            Serves ZooKeeper's protocol as a standalone server of Apache ZooKeeper 3.9 does, and keeps its data in \
            Apache's files, which either server can take over from the other. It prints one line on stderr when it is \
            ready, listening on ADDRESS:PORT, and listens on the loopback address unless told otherwise.
            """)
        page.paragraph(
            """
            With a command, the server lives as long as it: it keeps its data in a temporary directory and takes a free \
            port unless they are named, exports ZOOSH_SERVER and ZOOKEEPER_CONNECT, runs the command, stops, and returns \
            the command's status.
            """)
        page.paragraph(
            """
            zoosh dev runs the server and a shell on it in one process, with TTL znodes allowed; when the usual port is \
            taken it takes a free one.
            """)
        page.paragraph(
            """
            No write is acknowledged or visible before it is synced to the disk. SIGTERM and SIGINT stop the server \
            cleanly. The first write or sync that fails stops it too, so nothing is acknowledged after it.
            """)
        if let server = programCommands.first(where: { $0.name == "server" }) {
            page.paragraph("The options:")
            page.breakParagraph()
            page.arguments(server.schema)
        }
        page.section("ENVIRONMENT")
        page.list([
            ("Ev ZOOSH_SERVER , ZOOKEEPER_CONNECT", "Set for the command: the address of the server."),
            ("Ev XDG_STATE_HOME", "Takes the place of ~/.local/state."),
        ])
        page.section("FILES")
        page.list([
            (
                "Pa ~/.local/state/zoosh/data/version-2",
                "Transaction logs and snapshots, in Apache's format, when no directory is named. Directories have mode "
                    + "0700, files 0600."
            ),
            (
                "Pa zoo.cfg",
                "With --config: a configuration of Apache ZooKeeper."
            ),
        ])
        page.section("KEYS OF ZOO.CFG")
        page.prose(
            """
            All keys of Apache's administrator's guide, and what becomes of each. In front of each zookeeper. may stand, as \
            in a system property. A key that is not here is ignored with a warning.
            """)
        page.list(configurationKeys.map { ($0.text, $0.names.sorted().joined(separator: ", ")) })
        page.section("EXIT STATUS")
        page.prose(
            "0 after a clean stop; 2 for wrong options; 74 when the address or the data directory cannot be used, or a "
                + "write to the disk failed; with a command, its status.")
        page.section("EXAMPLES")
        for (explanation, line) in [
            ("A server that keeps its data:", "zoosh server --data-dir /var/lib/zoosh"),
            ("Tests, each run on a server of its own:", "zoosh server -- make test"),
            ("A free port, told to a script:", "zoosh server --memory --port 0 --port-file port"),
            ("Apache's configuration:", "zoosh server --config /etc/zookeeper/conf/zoo.cfg"),
        ] {
            page.paragraph(explanation)
            page.literal(line)
        }
        page.section("COMPATIBILITY")
        page.prose(
            """
            Clients and tools see what a standalone server of Apache ZooKeeper 3.9 shows: its replies and their order, \
            its events, errors, limits, four-letter words and admin commands. What is different:
            """)
        page.list(differences)
        page.section("SEE ALSO")
        page.macro(".Xr zoosh 1")
        return page.text
    }

    private static let differences: [(String, String)] = [
        (
            "One node",
            "There are no peers, and the keys of an ensemble have no effect. Who needs one starts Apache's servers on the "
                + "data directory."
        ),
        (
            "Damaged files",
            "A power loss at any moment, the first start included, leaves a directory that the server starts from. What a "
                + "crash has torn off the end of a log is cut and kept aside; damage anywhere else stops the start, with "
                + "the file, the offset and the way out."
        ),
        ("Failed disks", "The first write or sync that fails ends the server."),
        ("Access", "Loopback is the default address, and nobody else can read the files."),
        (
            "Admin server",
            "Off unless asked for. Its command restore answers 503: stop the server and put the snapshot into its "
                + "directory. So does snapshot with --memory."
        ),
        ("SASL", "DIGEST-MD5; no Kerberos."),
        ("Snapshots", "Written plain or with gzip. Those with snappy are read."),
        ("Metrics", "Those of a JVM and of an ensemble are there and zero."),
    ]
}
