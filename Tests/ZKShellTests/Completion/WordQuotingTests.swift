import ShellLanguage
import Testing

@testable import ZKShell

@Suite struct WordQuotingTests {
    private func quoted(_ text: String, _ quote: Character? = nil) -> String {
        String(decoding: WordQuoting.quoted(Array(text.utf8), quote: quote?.asciiValue), as: UTF8.self)
    }

    @Test(arguments: [
        ("/plain", "/plain"), ("/with space", #"/with\ space"#), ("/it's", "/it's"), ("/a\\b", #"/a\\b"#),
        ("/a*b?[c]", #"/a\*b\?\[c]"#), ("-dash", #"\-dash"#), ("a-b", "a-b"), ("#x", "\\#x"), ("@x", #"\@x"#),
        ("'q", #"\'q"#), ("\"q", #"\"q"#), ("/caf\u{e9}", "/caf\u{e9}"), ("", ""),
    ])
    func putsABackslashWhereItIsNeeded(text: String, expected: String) {
        #expect(quoted(text) == expected)
    }

    @Test func keepsTheQuoteThatWasBegun() {
        #expect(quoted("/with space", "\"") == "\"/with space")
        #expect(quoted(#"/a"b\c"#, "\"") == #""/a\"b\\c"#)
        #expect(quoted(#"/a"b\c"#, "'") == #"'/a"b\c"#)
    }

    @Test func takesTheOtherQuoteForAnApostrophe() {
        let apostrophe = UInt8(ascii: "'")
        let double = UInt8(ascii: "\"")
        #expect(WordQuoting.quote(for: [Array("a'b".utf8)], begunWith: apostrophe) == double)
        #expect(WordQuoting.quote(for: [Array("ab".utf8)], begunWith: apostrophe) == apostrophe)
        #expect(WordQuoting.quote(for: [Array("a'b".utf8)], begunWith: double) == double)
        #expect(WordQuoting.quote(for: [Array("a'b".utf8)], begunWith: nil) == nil)
    }

    /// Whatever a znode is called, the shell reads the completed word back as that name.
    @Test(arguments: [nil, UInt8(ascii: "'"), UInt8(ascii: "\"")])
    func theParserReadsEveryWordBack(begun: UInt8?) throws {
        let alphabet = Array(" '\"\\|;<>&!#@-*?[]a/$\u{e9}~`(){}=,:")
        for seed in 0..<3_000 {
            var number = seed
            var name = "/"
            for _ in 0..<4 {
                name.append(alphabet[number % alphabet.count])
                number = number / 7 + seed * 31
            }
            let bytes = Array(name.utf8)
            let quote = WordQuoting.quote(for: [bytes], begunWith: begun)
            var word = WordQuoting.quoted(bytes, quote: quote)
            if let quote { word.append(quote) }
            let line = Array("get ".utf8) + word + Array(" end".utf8)
            guard case .list(let list, _) = try CommandListParser.parse(line) else {
                Issue.record("\(name): incomplete as \(String(decoding: line, as: UTF8.self))")
                continue
            }
            let words = list.items.flatMap { $0.invocation.words.map(\.text) }
            #expect(words == ["get", name, "end"], "\(String(decoding: line, as: UTF8.self))")
        }
    }
}
