import ShellLanguage
import Testing

@testable import ZKShell

@Suite struct CommandListParserTests {
    private func words(_ text: String) throws -> [String] {
        guard case .list(let list, _) = try CommandListParser.parse(Array(text.utf8)) else { return ["incomplete"] }
        return list.items.flatMap { $0.invocation.words.map(\.text) }
    }

    private func list(_ text: String) throws -> CommandList {
        guard case .list(let list, _) = try CommandListParser.parse(Array(text.utf8)) else { return CommandList() }
        return list
    }

    private func mistake(_ text: String) -> String? {
        do throws(SyntaxError) {
            _ = try CommandListParser.parse(Array(text.utf8))
            return nil
        } catch {
            return error.message
        }
    }

    @Test(arguments: [
        ("", []),
        ("  \t ", []),
        ("get /a", ["get", "/a"]),
        ("get\t/a  ", ["get", "/a"]),
        (#"set /x {"a":1}"#, ["set", "/x", #"{"a":1}"#]),
        (#"set /x say"hi"#, ["set", "/x", #"say"hi"#]),
        ("set /x it's", ["set", "/x", "it's"]),
        (#"set /x "a b""#, ["set", "/x", "a b"]),
        (#"set /x 'a "b" c'"#, ["set", "/x", #"a "b" c"#]),
        (#"set /x "he said \"x\"""#, ["set", "/x", #"he said "x""#]),
        (#"set /x "a\\b\n""#, ["set", "/x", #"a\b\n"#]),
        (#"set /x ''"#, ["set", "/x", ""]),
        (#"set /x $'a\tb\x41\u00e9\u{1F600}\'\\\0'"#, ["set", "/x", "a\tbA\u{e9}\u{1F600}'\\\0"]),
        (#"set /x C:\temp"#, ["set", "/x", #"C:\temp"#]),
        (#"set /x a\ b"#, ["set", "/x", "a b"]),
        (#"set /x a\\b"#, ["set", "/x", #"a\b"#]),
        (#"set /x \"a"#, ["set", "/x", #""a"#]),
        (#"set /x {"a":"\"b\""}"#, ["set", "/x", #"{"a":"\"b\""}"#]),
        (#"get /\*"#, ["get", "/*"]),
        (#"set /x \; \-5 \@f"#, ["set", "/x", ";", "-5", "@f"]),
        ("reconfig -add server.1=h:2888:3888;2181", ["reconfig", "-add", "server.1=h:2888:3888;2181"]),
        ("set /x a|b>c<d&&e", ["set", "/x", "a|b>c<d&&e"]),
        ("set /x #1 a#b", ["set", "/x", "#1", "a#b"]),
        ("# get /a", []),
        ("get /a\\\n/b", ["get", "/a/b"]),
        ("get \\\n/a", ["get", "/a"]),
        ("set /x 'two\nlines'", ["set", "/x", "two\nlines"]),
        ("get /a\r", ["get", "/a"]),
        ("set /x $a $(b) `c`", ["set", "/x", "$a", "$(b)", "`c`"]),
        ("get /caf\u{e9}", ["get", "/caf\u{e9}"]),
    ])
    func splitsWords(text: String, expected: [String]) throws {
        #expect(try words(text) == expected)
    }

    @Test func keepsBytesThatAreNotUTF8() throws {
        guard case .list(let list, _) = try CommandListParser.parse(Array("set /x ".utf8) + [0xFF, 0xFE]) else {
            Issue.record("incomplete")
            return
        }
        #expect(list.items[0].invocation.words[2].bytes == [0xFF, 0xFE])
    }

    @Test(arguments: [
        (#"set /x "a"b"#, "text after closing quote; put data that has quotes and blanks between '…'"),
        ("get 'a", "the quote ' is not closed"),
        (#"get "a\""#, "the quote \" is not closed"),
        ("get /a &&", "nothing after &&"),
        ("&& get /a", "nothing before &&"),
        ("get /a || ; ls", "nothing after ||"),
        ("get /a >", "nothing after >"),
        ("get /a > b > c", "a command's output goes to one place"),
        ("| wc", "nothing before |"),
        ("ls |", "nothing after |"),
        ("> x", "a redirection needs a command"),
        ("!", "! needs a system command after it, as in `! date`"),
        ("set /x $'\\q'", "unknown escape \\q in $'…'"),
        ("set /x $'\\ud800'", "\\ud800 is not a Unicode scalar value"),
        ("set /x $'\\x4'", "\\x needs 2 hexadecimal digits"),
        ("set /x a\0b", "a NUL byte outside a data file"),
        ("set /x <<EOF\na", "no line EOF ends the text that <<EOF opened"),
    ])
    func refuses(text: String, message: String) {
        #expect(mistake(text) == message)
    }

    @Test(arguments: [
        ("get 'a\nb\nc", 0), ("\\\n get \"a\nb", 1), ("get $'a\nb", 0), ("get /a 'x\ny' \"z\n\n", 1),
        ("set /x <<EOF\na\nb", 0), ("get 'a\nb'c\n", 1),
    ])
    func namesTheLineWhereItOpened(text: String, line: Int) {
        #expect { try CommandListParser.parse(Array(text.utf8)) } throws: { ($0 as? SyntaxError)?.lineOffset == line }
    }

    @Test func keepsTheBytesOfSystemCommands() throws {
        guard case .list(let list, _) = try CommandListParser.parse(Array("get /a | x".utf8) + [0xFF]) else { return }
        #expect(list.items[0].invocation.output == .pipe(Word(bytes: Array("x".utf8) + [0xFF])))
    }

    @Test func splitsCommandsAtOperators() throws {
        let list = try list("create /a x && get /a || ls / ; pwd")
        #expect(list.items.map(\.connector) == [.always, .afterSuccess, .afterFailure, .always])
        #expect(list.items.map { $0.invocation.words[0].text } == ["create", "get", "ls", "pwd"])
    }

    @Test func acceptsAnOperatorRightAfterAQuote() throws {
        let list = try list("set /x 'a'; get /x")
        #expect(list.items.count == 2)
    }

    @Test func givesTheRestOfTheLineToTheSystemAfterAPipe() throws {
        let list = try list("ls -R / | grep \"a b\" | wc -l ; echo # x\nget /a")
        #expect(list.items.count == 1)
        #expect(list.items[0].invocation.output == .pipe("grep \"a b\" | wc -l ; echo # x"))
    }

    @Test func givesTheRestOfTheLineToTheSystemAfterABang() throws {
        #expect(try list("! date && ls").items[0].invocation.systemCommand == "date && ls")
        #expect(try list("!date").items[0].invocation.systemCommand == "date")
    }

    @Test func readsRedirections() throws {
        let list = try list("get /a >> 'out file' ; set /b @- < in ; create /c @- <<END ; pwd\none\n two\nEND\nls")
        #expect(
            list.items[0].invocation.output == .file(Word(bytes: Array("out file".utf8), isQuoted: true), appends: true)
        )
        #expect(list.items[1].invocation.input == .file("in"))
        #expect(list.items[2].invocation.input == .hereDocument(Array("one\n two\n".utf8)))
        #expect(list.items[3].invocation.words == ["pwd"])
    }

    @Test func parsesOneLineAtATime() throws {
        let text = Array("get /a\nset /b 'x\ny' ; \\\n ls\n\nquit\n".utf8)
        var offset = 0
        var lines: [[String]] = []
        while offset < text.count {
            guard case .list(let list, let end) = try CommandListParser.parse(text, from: offset) else { break }
            lines.append(list.items.map { $0.invocation.words.map(\.text).joined(separator: "·") })
            offset = end
        }
        #expect(lines == [["get·/a"], ["set·/b·x\ny", "ls"], [], ["quit"]])
    }

    @Test(arguments: [
        ("get 'a", CommandListParser.Missing.closingQuote),
        ("get \"a\n", .closingQuote),
        ("get $'a", .closingQuote),
        ("get a\\", .joinedLine),
        ("get a\\\n", .joinedLine),
        ("get a &&\n", .commandAfterOperator),
        ("set /x @- <<E\nabc\n", .hereDocumentEnd),
        ("ls | sort \\\n", .joinedLine),
    ])
    func asksForMoreInput(text: String, missing: CommandListParser.Missing) throws {
        #expect(try CommandListParser.parse(Array(text.utf8), isFinal: false) == .incomplete(missing))
    }

    @Test func tellsTheLineOfAMistakeAndGoesOnAfterIt() throws {
        let text = Array("set /x 'a\nb' \"c\"d\nget /x\n".utf8)
        do throws(SyntaxError) {
            _ = try CommandListParser.parse(text)
            Issue.record("the text was accepted")
        } catch {
            #expect(error.lineOffset == 1)
            #expect(Array(text[error.resumeOffset...]) == Array("get /x\n".utf8))
        }
    }

    /// Cutting the input anywhere either asks for more, or is a mistake, or gives a prefix: it never traps.
    @Test func survivesEveryTruncation() {
        let text = Array(#"create -p /a\ b "x\"y" $'\u{41}\x00' && get /a > f ; ls | sort <<E"#.utf8)
        for length in 0...text.count {
            for isFinal in [true, false] {
                _ = try? CommandListParser.parse(Array(text[..<length]), isFinal: isFinal)
            }
        }
    }
}
