import Testing

@testable import ZKShell

@Suite struct CompletionContextTests {
    private func context(_ line: String) -> CompletionContext { CompletionContext(line: Array(line.utf8)) }

    @Test(arguments: [
        ("", [], ""),
        ("ge", [], "ge"),
        ("get ", ["get"], ""),
        ("get /a", ["get"], "/a"),
        ("  get   -s /a", ["get", "-s"], "/a"),
        ("ls / ; ge", [], "ge"),
        ("ls / && get /a", ["get"], "/a"),
        ("ls / || get /a", ["get"], "/a"),
        ("set /x a;b c", ["set", "/x", "a;b"], "c"),
        (#"get "/a b""#, ["get"], "/a b"),
        (#"get "/a b" /c"#, ["get", "/a b"], "/c"),
        (#"get /a\ b"#, ["get"], "/a b"),
        (#"get /a\ b /c"#, ["get", "/a b"], "/c"),
        (#"set /x C:\temp d"#, ["set", "/x", #"C:\temp"#], "d"),
        ("set /x 'two words' y", ["set", "/x", "two words"], "y"),
        (#"set /x "a\"b" y"#, ["set", "/x", #"a"b"#], "y"),
        ("get /it's", ["get"], "/it's"),
        ("first\nget /a", ["first", "get"], "/a"),
    ])
    func cutsTheLineLikeTheParser(line: String, words: [String], word: String) {
        let context = context(line)
        #expect(context.words == words)
        #expect(String(decoding: context.word, as: UTF8.self) == word)
    }

    @Test(
        arguments: [
            ("get /a", nil, false), ("get \"/a", UInt8(ascii: "\""), true), ("get '/a b", UInt8(ascii: "'"), true),
            ("get \"/a\" ", nil, false), ("get /a\\", nil, true), ("get /a\\\\", nil, false),
        ] as [(String, UInt8?, Bool)])
    func knowsWhetherABlankWouldBelongToTheWord(line: String, quote: UInt8?, isInside: Bool) {
        #expect(context(line).quote == quote)
        #expect(context(line).isInsideWord == isInside)
    }

    @Test(arguments: [
        ("get /a", 4), (#"get /a\ "#, 4), (#"get "/a b"#, 4), ("get ", 4), ("ls / ; get /a", 11), ("", 0),
    ])
    func knowsWhereTheWordBegins(line: String, start: Int) {
        #expect(context(line).wordStart == start)
    }

    @Test func leavesEscapedQuotesAlone() {
        #expect(context("get $'/a b").isSystemCommand)
        #expect(context("get $'/a\\'b' /c").words.count == 2)
    }

    /// A backslash in the middle of a word is special before what is special there.
    @Test func keepsBackslashesThatTheParserKeeps() {
        #expect(String(decoding: context(#"get /a\-b"#).word, as: UTF8.self) == #"/a\-b"#)
        #expect(String(decoding: context(#"get \-b"#).word, as: UTF8.self) == "-b")
    }

    @Test func findsTheFileOfARedirection() {
        #expect(context("get /a > ou").redirection == ">")
        #expect(context("get /a >> ou").redirection == ">>")
        #expect(context("set /a < in").redirection == "<")
        #expect(context("get /a > out ").redirection == nil)
        #expect(context("get /a > out ").words == ["get", "/a"])
        #expect(context("get '>' ou").redirection == nil)
    }

    @Test(arguments: ["get /a | gr", "! da", "!da", "ls / ; ! da", "get /a | grep x ; ls"])
    func leavesTheSystemsPartAlone(line: String) {
        #expect(context(line).isSystemCommand)
    }

    @Test(arguments: ["get /a!b", "set /x !", "set /x 'a | b' c"])
    func aBangOrBarInsideAWordIsNoSystemCommand(line: String) {
        #expect(!context(line).isSystemCommand)
    }

    @Test func anyBytesAreCutWithoutATrap() {
        var random = SystemRandomNumberGenerator()
        let alphabet = Array(" \t\n'\"\\|;<>&!#@-ab/\u{e9}".utf8) + [0xFF, 0x80, 0x00]
        for _ in 0..<2_000 {
            let line = (0..<Int.random(in: 0...24, using: &random)).map { _ in alphabet.randomElement(using: &random)! }
            let context = CompletionContext(line: line)
            #expect(context.word.count <= line.count, "\(line)")
        }
    }
}
