import Foundation
import ShellLanguage
import Support
import Testing
import ZKClient

@testable import ZKShell

@Suite(.timeLimit(.minutes(1))) struct ConfigFileTests {
    private let directory: TemporaryDirectory

    init() throws {
        directory = try TemporaryDirectory()
    }

    private func launch(
        _ config: String, _ words: [String] = [], environment: [String: String] = [:], mode: Int = 0o600
    ) throws -> ShellOptions {
        let path = directory.path("config")
        try Data(config.utf8).write(to: URL(filePath: path))
        try FileManager.default.setAttributes([.posixPermissions: mode], ofItemAtPath: path)
        return try Launch(words: (["--config", path] + words).map { Word($0) }, programName: "zoosh") {
            environment[$0]
        }.options
    }

    private func message(_ config: String, _ words: [String] = [], mode: Int = 0o600) -> String? {
        do {
            _ = try launch(config, words, mode: mode)
            return nil
        } catch let error as ShellError {
            return error.status == .usage
                ? error.message.replacingOccurrences(of: directory.path("config"), with: "FILE") : "\(error.status)"
        } catch {
            return "\(error)"
        }
    }

    private static let example = """
        # servers
        [default]
        server = one:2181
        timeout = 5s
        ; quoted values keep their blanks
        prompt = "%w> "
        [profile prod]
        server = prod:2181/app
        read-only = on
        tls = off
        [alias]
        lt = ls -l --sort mtime
        """

    @Test func optionBeforeEnvironmentBeforeProfileBeforeDefault() throws {
        #expect(try launch(Self.example).server == "one:2181")
        #expect(try launch(Self.example, ["-p", "prod"]).server == "prod:2181/app")
        let environment = ["ZOOSH_PROFILE": "prod", "ZOOSH_SERVER": "env:1"]
        #expect(try launch(Self.example, environment: environment).server == "env:1")
        #expect(try launch(Self.example, ["-s", "opt:1"], environment: environment).server == "opt:1")
        let options = try launch(Self.example, environment: environment)
        #expect(options.sessionTimeout == .seconds(5), "what the profile does not say is the default's")
        #expect(options.isReadOnly && !options.tls.isEnabled && options.promptFormat == "%w> ")
        #expect(options.aliases["lt"]?.words.map(\.text) == ["ls", "-l", "--sort", "mtime"])
        #expect(options.notices.isEmpty)
        #expect(try launch(Self.example, ["--no-config"]).server == "localhost:2181")
    }

    @Test func readsTheFileOfTheUser() throws {
        let home = try TemporaryDirectory()
        try FileManager.default.createDirectory(atPath: home.path(".config/zoosh"), withIntermediateDirectories: true)
        try Data("server = home:1".utf8).write(to: home.url(".config/zoosh/config"))
        func server(_ environment: [String: String]) throws -> String {
            try Launch(words: [], programName: "zoosh") { environment[$0] }.options.server
        }
        #expect(try server(["HOME": home.path]) == "home:1")
        #expect(try server(["HOME": "/nowhere", "XDG_CONFIG_HOME": home.path(".config")]) == "home:1")
        #expect(try server(["HOME": home.path, "XDG_CONFIG_HOME": "/nowhere"]) == "localhost:2181")
        #expect(try server(["ZOOSH_CONFIG": home.path(".config/zoosh/config")]) == "home:1")
        #expect(throws: ShellError.self) { try server(["ZOOSH_CONFIG": "/nowhere"]) }
    }

    @Test func secretsMustBeTheUsersAlone() throws {
        let config = "auth = digest:joe:secret\nauth = ip:\n"
        #expect(try launch(config).credentials.map(\.scheme) == ["digest", "ip"])
        let open = try launch(config, mode: 0o644)
        #expect(open.credentials.isEmpty)
        #expect(open.notices.count == 1 && open.notices[0].contains("others can read the file"))
        #expect(message(config, ["--no-input"], mode: 0o640)?.contains("chmod 600") == true)
        #expect(try launch(config, ["-a", "digest:x:y"]).credentials.count == 1)
    }

    @Test(arguments: [
        ("timeout = soon", "FILE:1: timeout: soon is not a time"),
        ("[default]\n\noutput = xml", "FILE:3: output: xml is none of"),
        ("read-only = maybe", "FILE:1: read-only is on or off, not maybe"),
        ("nonsense", "FILE:1: neither key = value nor [section]"),
        ("[other]", "FILE:1: [other]: the sections are"),
        ("[profile]", "FILE:1: [profile]: the sections are"),
        ("[alias]\nx = ls | wc", "FILE:2: an alias stands for one command"),
        ("[alias]\na b = ls", "FILE:2: a b cannot be the name of an alias"),
    ])
    func saysWhereTheMistakeIs(config: String, expected: String) {
        #expect(message(config)?.hasPrefix(expected) == true, "\(message(config) ?? "accepted")")
    }

    @Test func unknownKeysAreOnlyNoticed() throws {
        let notices = try launch("sever = x\nversion = on\n").notices.map { $0.split(separator: "config:")[1] }
        #expect(notices == ["1: unknown key sever; did you mean server?", "2: unknown key version"])
    }

    @Test func namesTheProfilesThatThereAre() {
        #expect(message(Self.example, ["-p", "x"]) == "FILE has no section [profile x]; it has prod")
    }

    @Test(
        arguments: [
            ([], [:], .never), ([], ["TERM": "xterm"], .auto), ([], ["TERM": "dumb"], .never),
            ([], ["TERM": "xterm", "NO_COLOR": "1"], .never), ([], ["TERM": "xterm", "NO_COLOR": ""], .auto),
            ([], ["CLICOLOR_FORCE": "1"], .always), ([], ["TERM": "xterm", "CLICOLOR_FORCE": "0"], .auto),
            (["--color", "always"], ["NO_COLOR": "1"], .always), (["--color", "auto"], ["TERM": "dumb"], .auto),
        ] as [([String], [String: String], ShellOptions.When)])
    func coloursAreAsTheEnvironmentWants(
        words: [String], environment: [String: String], expected: ShellOptions.When
    ) throws {
        #expect(try launch("", words, environment: environment).color == expected)
        let configured = try launch("color = always", words, environment: environment).color
        let isDecidedElsewhere =
            !words.isEmpty || environment["NO_COLOR"] != nil || environment["CLICOLOR_FORCE"] != nil
        #expect(configured == (isDecidedElsewhere ? expected : .always))
    }
}
