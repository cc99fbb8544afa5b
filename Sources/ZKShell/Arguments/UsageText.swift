/// The text of `zoosh --help`.
public enum UsageText {
    public static let version = "0.1.0"

    static let examples: [CommandDeclaration.Example] = [
        .init("zoosh -s zk1,zk2,zk3/app", "open a shell below /app"),
        .init("zoosh get /config > config.json", "print data, and nothing else"),
        .init("zoosh ls -R / | grep lock", "search the names"),
        .init("zoosh -e -f setup.zoosh", "run a script, stop at the first error"),
        .init("zoosh server -- make test", "run tests against a server of their own"),
    ]

    private static var exampleLines: String {
        let width = examples.map(\.line.count).max() ?? 0
        return examples.map { example in
            let padding = String(repeating: " ", count: width - example.line.count)
            return "  \(example.line)\(padding)  \(example.explanation)"
        }.joined(separator: "\n")
    }

    public static let text = """
        zoosh: a shell for Apache ZooKeeper, and a server that is compatible with it

        Usage:
          zoosh [OPTION…]                      shell; reads stdin if it is no terminal
          zoosh [OPTION…] COMMAND [ARG…]       one command
          zoosh [OPTION…] -c TEXT | -f FILE    commands from TEXT or FILE (- is stdin)
          zoosh server [OPTION…] [-- CMD…]     server; with CMD: for as long as it runs
          zoosh dev [OPTION…]                  server and shell in one process
          zoosh bench [OPTION…]                measure a server
          zoosh completion bash|zsh|fish       print the completion script
          zoosh help [COMMAND]

        Connection:
          -s, --server HOSTS         HOST[:PORT][,…][/CHROOT]; default localhost:2181
          -p, --profile NAME         section of the config file (ZOOSH_PROFILE)
          -t, --timeout DUR          session timeout, default 30s; bare numbers are ms
              --connect-timeout DUR  give up connecting after this time, default 10s
              --op-timeout DUR       give up a request after this time, default 30s
          -r, --read-only            accept a read-only server, refuse write commands
              --create-chroot        create the chroot when it is missing
          -a, --auth SCHEME:CRED     add an identity, such as digest:user:password
              --auth-file FILE       identities, one a line; - asks without echo
              --tls, --tls-ca FILE, --tls-cert FILE, --tls-key FILE   TLS with PEM files

        Output and running:
          -o, --output FORMAT        plain, json, raw or table; also --json, --raw
          -e, --exit-on-error        batch: stop at the first failing command
          -n, --dry-run              write commands say what they would do
          -y, --yes; --no-input      answer yes to every question; never ask
          -q, --quiet; -v, --verbose; --trace FILE
              --color WHEN, --pager WHEN, --prompt FORMAT
              --config FILE, --no-config, --no-history, --no-glob
              --max-buffer BYTES     largest reply to accept, default 64 MiB
              --compat               zkCli's framing, messages and exit statuses
          -h, --help; -V, --version
          The options of zkCli work too: -server, -timeout, -r, -client-configuration.

        Examples:
        \(exampleLines)

        `help` lists the commands, `help COMMAND` explains one. Manual: man zoosh.

        """
}
