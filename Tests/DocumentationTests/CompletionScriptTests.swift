import Foundation
import Support
import Testing
import ZKClient
import ZKCore
import ZKServer

/// The completion scripts, each in the shell that it is for.
@Suite(.timeLimit(.minutes(5)))
struct CompletionScriptTests {
    /// A command line up to the cursor, and what must be offered.
    struct Case: CustomTestStringConvertible, Sendable {
        var line: String
        var offered: [String]
        /// Whether there may be more.
        var isWhole = true

        var testDescription: String { line }
    }

    /// SERVER stands for the connect string of a server that has /apple, /apple/pie, /apricot and a blank in a name.
    static let cases = [
        Case(line: "zoosh delet", offered: ["delete", "deleteall"]),
        Case(line: "zoosh serv", offered: ["server"]),
        Case(line: "zoosh --tls-c", offered: ["--tls-ca", "--tls-cert"]),
        Case(line: "zoosh --output ", offered: ["json", "plain", "raw", "table"]),
        Case(line: "zoosh -s SERVER ls --s", offered: ["--sort"]),
        Case(line: "zoosh ls --sort m", offered: ["mtime"]),
        Case(line: "zoosh completion ", offered: ["bash", "fish", "zsh"]),
        Case(line: "zoosh help dele", offered: ["delete", "deleteall"]),
        Case(line: "zoosh -s SERVER ls /ap", offered: ["/apple", "/apricot"]),
        Case(line: "zoosh -s SERVER get -s /appl", offered: ["/apple/"]),
        Case(line: "zoosh --server=SERVER get /apple/", offered: ["/apple/pie"]),
        Case(line: "zoosh -s SERVER cp /apple/pie /apr", offered: ["/apricot"]),
        Case(line: "zoosh -s SERVER set /apple @da", offered: ["@data.bin"]),
        Case(line: "zoosh -f scr", offered: ["script.zoosh"]),
        Case(line: "zoosh -s 127.0.0.1:1 ls /", offered: []),
        Case(line: "zoosh -c quit -s SERVER ls /appl", offered: ["/apple/"]),
    ]

    @Test(arguments: cases)
    func bashOffers(test: Case) async throws {
        let place = try await Place(test)
        // Bash cuts words at : and = as well.
        let words = place.line.replacing(":", with: " : ").replacing("=", with: " = ")
        let script = """
            source "$REPOSITORY/completions/zoosh.bash"
            COMP_LINE=$1 COMP_POINT=${#1}
            eval "COMP_WORDS=($2)"
            if [[ $1 == *' ' ]]; then COMP_WORDS+=(''); fi
            COMP_CWORD=$((${#COMP_WORDS[@]} - 1))
            _zoosh
            printf '%s\\n' "${COMPREPLY[@]}"
            """
        try await place.check("bash", ["--norc", "-c", script, "bash", place.line, words])
    }

    @Test(arguments: cases)
    func fishOffers(test: Case) async throws {
        let place = try await Place(test)
        let script = """
            source $REPOSITORY/completions/zoosh.fish
            complete -C $argv[1] | string replace -r '\\t.*' ''
            """
        try await place.check("fish", ["--no-config", "-c", script, place.line])
    }

    /// In a pseudo-terminal, since zsh completes nowhere else; `compadd` writes down what it is given.
    @Test(arguments: cases)
    func zshOffers(test: Case) async throws {
        let place = try await Place(test)
        let setup = """
            PS1= PS2= RPS1=
            fpath=($REPOSITORY/completions $fpath)
            autoload -Uz compinit && compinit -u -D
            zstyle ':completion:*' completer _complete
            typeset -ga captured
            compadd() {
                if [[ -z ${argv[(r)-[OAD]*]} ]]; then
                    local -a matching
                    builtin compadd -O matching "$@"
                    captured+=("${(@)matching/#/$IPREFIX}")
                fi
                builtin compadd "$@"
            }
            finish() { print -rl -- $captured >$HOME/captured.new; mv $HOME/captured.new $HOME/captured }
            comppostfuncs=(finish)
            touch $HOME/ready
            """
        try Data(setup.utf8).write(to: place.directory.url("setup.zsh"))
        let script = """
            zmodload zsh/zpty
            zpty terminal zsh -f -i
            zpty -w terminal 'source $HOME/setup.zsh'
            drain() {
                local text i
                for i in {1..2000}; do
                    [[ -e $1 ]] && return
                    zpty -rt terminal text 2>/dev/null || sleep 0.02
                done
                print -u2 "no $1"
                exit 1
            }
            drain $HOME/ready
            zpty -wn terminal "$1"$'\\t'
            drain $HOME/captured
            zpty -d terminal
            cat $HOME/captured
            """
        try await place.check("zsh", ["-f", "-c", script, "zsh", place.line])
    }
}

/// A directory with files, and a line of a case with the address of the server in it.
private struct Place {
    let directory: TemporaryDirectory
    let line: String
    private let test: CompletionScriptTests.Case

    private static let server = Task {
        let server = try await EmbeddedServer.start(ServerConfiguration())
        let address = "127.0.0.1:\(server.port)"
        let client = ZooKeeperClient(
            configuration: ClientConfiguration(connectString: try ConnectString(address)))
        try await client.waitUntilConnected(timeout: .seconds(30))
        for path in ["/apple", "/apple/pie", "/apricot", "/banana split"] {
            try await client.create(ZnodePath(path), data: nil)
        }
        await client.close()
        return (server, address)
    }

    init(_ test: CompletionScriptTests.Case) async throws {
        self.test = test
        line = test.line.replacing("SERVER", with: try await Self.server.value.1)
        directory = try TemporaryDirectory()
        for name in ["data.bin", "script.zoosh"] { try Data().write(to: directory.url(name)) }
    }

    func check(_ shell: String, _ arguments: [String]) async throws {
        let environment = [
            "PATH": "\(BuiltProduct.directory):/usr/local/bin:/usr/bin:/bin", "HOME": directory.path,
            "REPOSITORY": Fixtures.repository.path, "TERM": "dumb", "LC_ALL": "C.UTF-8",
        ]
        let result = try await ChildProcess.run(
            shell, arguments, environment: environment, directory: directory.path, limit: .seconds(120))
        let offered = result.outputText.split(separator: "\n").map {
            // The value alone, whether the shell offers it with its option or not.
            String($0).replacing(/\\/, with: "").replacing(/^--[a-z]+=/, with: "").trimmingCharacters(in: .whitespaces)
        }
        #expect(Set(offered) == Set(test.offered), "\(result.errorText)")
    }
}
