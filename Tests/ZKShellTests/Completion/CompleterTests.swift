import ShellLanguage
import Testing
import ZKCore

@testable import ZKShell

@Suite struct CompleterTests {
    /// Completes over a fixed tree, some local files and the commands of the shell.
    private func complete(
        _ line: String, point: Int? = nil, workingPath: String = "/", tree: [String: [String]]? = nil
    ) throws -> CompletionList {
        let tree =
            tree ?? [
                "/": ["app", "apple", "with space", "it's", "zookeeper", "n10", "n2", "-dash", "caf\u{e9}"],
                "/app": ["one", "two"], "/app/one": [], "/with space": [], "/zookeeper": ["quota"],
            ]
        let working = try ZnodePath(workingPath)
        let completer = Completer(
            children: { tree[$0.string] },
            hasChildren: { path in tree[path.string]?.isEmpty == false },
            localFiles: { directory in
                switch directory {
                case ".": ["file.txt", "files/", ".hidden", "two words"]
                case "files/": ["inner"]
                default: nil
                }
            },
            hosts: { ["zk1:2181", "zk2:2181"] }, workingPath: { working }, commandNames: { CommandRegistry.names },
            schema: { CommandRegistry[$0].map { CommandSchema.of($0.command) } })
        let bytes = Array(line.utf8)
        return completer.complete(line: bytes, point: point ?? bytes.count)
    }

    private func texts(_ list: CompletionList) -> [String] {
        list.candidates.map { String(decoding: $0, as: UTF8.self) }
    }

    private func only(_ line: String, workingPath: String = "/") throws -> String {
        let list = try complete(line, workingPath: workingPath)
        guard list.candidates.count == 1 else { return "\(list.candidates.count) candidates" }
        let appended = list.appended.map { String(decoding: [$0], as: UTF8.self) } ?? ""
        return texts(list)[0] + appended
    }

    @Test(arguments: ["removew", "ls / ; removew", "ls / && removew", "ls / || removew"])
    func commandsStandWhereACommandBegins(line: String) throws {
        #expect(try only(line) == "removewatches ")
    }

    @Test(arguments: [
        ("get /ap", ["/app", "/apple"], "/app"), ("get /n", ["/n2", "/n10"], "/n"),
        ("get ap", ["app", "apple"], "app"),
    ])
    func znodesComeInTheirNaturalOrder(line: String, expected: [String], prefix: String) throws {
        let list = try complete(line)
        #expect(texts(list) == expected)
        #expect(String(decoding: list.commonPrefix, as: UTF8.self) == prefix)
        #expect(list.appended == nil)
    }

    @Test(arguments: [
        ("get /zoo", "/zookeeper/"), ("get /app/on", "/app/one "), ("get /w", #"/with\ space "#),
        ("get \"/w", "\"/with space\" "), ("get '/w", "'/with space' "), ("get /it", "/it's "),
        ("get '/it", "\"/it's\" "), ("get \"/zoo", "\"/zookeeper/"), ("get /caf", "/caf\u{e9} "),
        ("get -s /zoo", "/zookeeper/"), ("ls /x ; get /zoo", "/zookeeper/"), ("get -- /zoo", "/zookeeper/"),
        ("create -e /app/on", "/app/one "),
    ])
    func aSingleZnodeIsQuotedAndClosed(line: String, expected: String) throws {
        #expect(try only(line) == expected)
    }

    @Test func pathsAreRelativeToTheWorkingZnode() throws {
        #expect(try only("get on", workingPath: "/app") == "one ")
        #expect(try only("get ../zoo", workingPath: "/app") == "../zookeeper/")
        #expect(try only("get ./on", workingPath: "/app") == "./one ")
    }

    @Test func onlyWhatStandsBeforeTheCursorCounts() throws {
        #expect(texts(try complete("get /zoo /other", point: 8)) == ["/zookeeper"])
    }

    @Test func optionsComeFromTheDeclaration() throws {
        #expect(texts(try complete("create -")).contains("-e"))
        #expect(texts(try complete("create --p")).contains("--parents"))
        #expect(texts(try complete("create -- -")).allSatisfy { !$0.hasPrefix("-e") })
        #expect(try only("ls --hel") == "--help ")
    }

    @Test(arguments: [
        ("addWatch -m PERSISTENT_", "PERSISTENT_RECURSIVE "), ("printwatches of", "off "), ("ls --sort mt", "mtime "),
        ("ls --sort=mt", "--sort=mtime "), ("addauth dig", "digest "),
        ("create /a data world:anyone:c", "world:anyone:cdrwa "),
        ("setAcl /a auth", "auth::cdrwa "), ("connect zk2", "zk2:2181 "), ("help removew", "removewatches "),
    ])
    func valuesAreEnumerated(line: String, expected: String) throws {
        #expect(try only(line) == expected)
    }

    @Test(arguments: [
        ("set /a @file.", "@file.txt "), ("get /a > file.", "file.txt "), ("get /a >> file.", "file.txt "),
        ("set /a < file.", "file.txt "), ("get -f file.", "file.txt "), ("get /a > files", "files/"),
        ("get /a > files/in", "files/inner "), ("reconfig -file file.", "file.txt "), ("import .hid", ".hidden "),
        ("get /a > tw", #"two\ words "#),
    ])
    func localFilesStandWhereFilesDo(line: String, expected: String) throws {
        #expect(try only(line) == expected)
    }

    @Test(arguments: ["get /a | gr", "! da", "nosuchcommand /a", "pwd /", "get /nosuch/a", "get /a//b"])
    func elsewhereThereIsNothing(line: String) throws {
        #expect(try complete(line).candidates.isEmpty)
    }

    @Test func aLongListIsCutButItsPrefixHoldsForAll() throws {
        let names = (1...2_500).map { "x\($0)" } + ["x-last"]
        let list = try complete("get /x", tree: ["/": names])
        #expect(list.isCut)
        #expect(list.candidates.count == CompletionList.candidatesMax)
        #expect(String(decoding: list.commonPrefix, as: UTF8.self) == "/x")
    }

    @Test func namesThatControlTheTerminalAreNotOffered() throws {
        let names = ["evil\u{1b}[2J", "evil\u{9b}2J", "evil\u{202e}", "evil\u{7}", "evil-not"]
        #expect(texts(try complete("get /ev", tree: ["/": names])) == ["/evil-not"])
    }
}
