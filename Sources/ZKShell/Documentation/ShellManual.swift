import ShellLanguage

/// zoosh(1)
enum ShellManual {
    static func page(_ programCommands: [ProgramCommand]) -> String {
        var page = ManualPage("zoosh", section: 1, abstract: "shell and development server for Apache ZooKeeper")
        synopsis(&page)
        description(&page)
        page.section("OPTIONS")
        page.prose(
            "They stand before the command; --json and --output FORMAT may stand behind it as well. A value follows as "
                + "the next word or behind an equals sign, and letters can be bundled. The spellings of zkCli with one "
                + "dash are understood too.")
        page.breakParagraph()
        page.arguments(.of(GlobalOptions.self))
        commands(&page, programCommands)
        for (name, topic) in topics {
            page.section(name)
            page.literal(trimmed(HelpText.topics[topic] ?? ""))
        }
        environment(&page)
        page.section("FILES")
        page.list(files)
        page.section("EXIT STATUS")
        page.literal(trimmed(HelpText.topics["exit-codes"] ?? ""))
        page.section("EXAMPLES")
        for example in UsageText.examples {
            page.paragraph("\(example.explanation.prefix(1).uppercased())\(example.explanation.dropFirst()):")
            page.literal(example.line)
        }
        compatibility(&page)
        page.section("SEE ALSO")
        page.macro(".Xr zoosh-server 1 ,")
        page.macro(".Xr readline 3 ,")
        page.macro(".Xr zoosh-config 5")
        return page.text
    }

    private static let topics = [
        ("QUOTING", "quoting"), ("DATA", "data"), ("OPERATORS", "operators"),
        ("SCRIPTS", "scripts"), ("OUTPUT", "output"),
    ]

    private static func trimmed(_ text: String) -> String {
        text.split(separator: "\n", omittingEmptySubsequences: false).reversed().drop { $0.isEmpty }.reversed()
            .joined(separator: "\n")
    }

    private static func synopsis(_ page: inout ManualPage) {
        page.section("SYNOPSIS")
        let forms: [[String]] = [
            [".Op Ar option ..."], [".Op Ar option ...", ".Ar command", ".Op Ar argument ..."],
            [".Op Ar option ...", ".Fl c Ar text | Fl f Ar file"],
            [".Cm server | dev", ".Op Ar option ...", ".Op Fl - Ar command ..."], [".Cm bench", ".Op Ar option ..."],
            [".Cm completion", ".Cm bash | zsh | fish"], [".Cm help", ".Op Ar command"],
        ]
        for form in forms {
            page.macro(".Nm")
            for line in form { page.macro(line) }
        }
    }

    private static func description(_ page: inout ManualPage) {
        page.section("DESCRIPTION")
        page.prose(
            """
            Works on the znodes of an Apache ZooKeeper server or ensemble: at a prompt with line editing, completion and \
            history, as one command, or as a script. It knows every command and flag of zkCli.sh and prints what zkCli \
            prints, without its noise.
            """)
        page.paragraph(
            """
            Without a command it reads commands from stdin; when that is a terminal there is a prompt, where TAB \
            completes commands, options and znodes, Ctrl-C stops a command and never the shell, and Ctrl-D leaves. \
            Events of watches are printed above the line that is being edited. When the session expires a new one is \
            made.
            """)
        page.paragraph(
            """
            The same program is a server that clients cannot tell from a standalone ZooKeeper server, for development \
            and tests.
            """)
        page.macro("See")
        page.macro(".Xr zoosh-server 1 .")
        page.paragraph(
            """
            In the prompt's format, %h is the host, %p the port, %c the chroot, %w the working znode, %s the state of \
            the connection when it is not connected, %i the session, %n the number of the command, %u the identities \
            and %? the status of the last command; %{red%}, %{bold%} and %{reset%} change the colour.
            """)
    }

    private static func commands(_ page: inout ManualPage, _ programCommands: [ProgramCommand]) {
        page.section("COMMANDS")
        page.prose(
            "Each has --help. Options may stand anywhere in a command; -- ends them. Paths are absolute, or relative to "
                + "the working znode. Commands that write honour --dry-run and are refused with --read-only.")
        for group in CommandDeclaration.Group.allCases {
            let commands = shellCommands.filter { $0.declaration.group == group }
            guard !commands.isEmpty else { continue }
            page.subsection(group.rawValue)
            page.macro(".Bl -tag -width Ds")
            for command in commands { describe(command, on: &page) }
            page.macro(".El")
        }
        page.subsection("Program")
        page.prose("These are words of the command line, and not of the prompt.")
        page.macro(".Bl -tag -width Ds")
        for command in programCommands {
            page.macro(".It Ic \(ManualPage.argument(command.name))")
            page.prose(command.abstract)
            if command.name == "server" || command.name == "dev" {
                page.macro("See")
                page.macro(".Xr zoosh-server 1 .")
            } else {
                page.arguments(command.schema)
            }
        }
        page.macro(".El")
    }

    private static func describe(_ command: any ShellCommand.Type, on page: inout ManualPage) {
        let declaration = command.declaration
        let schema = CommandSchema.of(command)
        page.macro(".It Xo")
        if let synopsis = declaration.synopsis {
            page.macro(".Ic \(ManualPage.argument(synopsis))")
        } else {
            page.macro(".Ic \(ManualPage.argument(declaration.name))")
            for line in ManualPage.synopsis(schema) { page.macro(line) }
        }
        page.macro(".Xc")
        page.prose(declaration.abstract)
        if !declaration.discussion.isEmpty { page.prose(declaration.discussion) }
        for alias in declaration.aliases where alias.addedWords != [alias.name] {
            page.prose("\(alias.name) is \(([declaration.name] + alias.addedWords).joined(separator: " ")).")
        }
        let words = declaration.aliases.filter { $0.addedWords == [$0.name] }.map(\.name)
        if !words.isEmpty {
            page.prose("Each of \(words.joined(separator: ", ")) is short for \(declaration.name) with that word.")
        }
        page.breakParagraph()
        page.arguments(schema)
        page.literal(CommandHelp.exampleLines(declaration).joined(separator: "\n"))
        if !declaration.exitStatuses.isEmpty {
            let statuses = declaration.exitStatuses.map { "\($0.code.rawValue) when \($0.meaning)" }
            page.prose("The exit status is \(statuses.joined(separator: "; ")).")
        }
    }

    private static func environment(_ page: inout ManualPage) {
        page.section("ENVIRONMENT")
        page.prose("An option wins over a variable, a variable over the config file.")
        page.breakParagraph()
        page.list(variables.map { ("Ev \($0.0)", $0.1) })
    }

    private static let variables: [(String, String)] = [
        ("ZOOSH_SERVER", "As --server."), ("ZOOSH_TIMEOUT", "As --timeout."),
        ("ZOOSH_CONNECT_TIMEOUT", "As --connect-timeout."), ("ZOOSH_READ_ONLY", "1 is --read-only."),
        ("ZOOSH_AUTH", "An identity, as --auth."), ("ZOOSH_OUTPUT", "As --output."),
        ("ZOOSH_TLS", "1 is --tls."), ("ZOOSH_TLS_CA", "As --tls-ca."), ("ZOOSH_TLS_CERT", "As --tls-cert."),
        ("ZOOSH_TLS_KEY", "As --tls-key."), ("ZOOSH_TLS_SERVER_NAME", "As --tls-server-name."),
        ("ZOOSH_TLS_INSECURE", "1 is --tls-insecure."), ("ZOOSH_TRACE", "As --trace."),
        ("ZOOSH_PAGER", "As --pager."), ("ZOOSH_HISTORY", "The history file."),
        ("ZOOSH_COMPAT", "zkcli is --compat."), ("INPUTRC", "The settings of readline; $if zoosh is for this shell."),
    ]

    private static let files: [(term: String, text: String)] = [
        ("Pa ~/.config/zoosh/config", "Settings; see zoosh-config(5). $XDG_CONFIG_HOME takes the place of ~/.config."),
        ("Pa ~/.config/zoosh/rc", "Commands that the shell runs before its first prompt."),
        (
            "Pa ~/.local/state/zoosh/history",
            "What was typed, without what holds a secret and what begins with a blank. $XDG_STATE_HOME takes the place "
                + "of ~/.local/state."
        ),
        ("Pa ~/.local/state/zoosh/data", "The data of zoosh server and zoosh dev."),
    ]

    private static func compatibility(_ page: inout ManualPage) {
        page.section("COMPATIBILITY")
        page.prose(
            "Every command of zkCli.sh 3.9 has its spelling, its options and its output here. These are the differences; "
                + "those with a + are not there with --compat.")
        page.breakParagraph()
        page.macro(".Bl -dash -compact")
        for difference in DeclaredDifferences.all {
            page.macro(".It")
            page.prose(difference.text + (difference.isUndoneByCompat ? " (+)" : ""))
        }
        page.macro(".El")
    }
}
