import Testing

@testable import ZKShell

@Suite struct CompletionListTests {
    @Test(arguments: [
        ([], ""), (["/app"], "/app"), (["/app", "/apple"], "/app"), (["/a", "/b"], "/"), (["x", "y"], ""),
        (["caf\u{e9}", "caf\u{ea}"], "caf"), (["n1", "n5", "n10"], "n"),
    ])
    func theCommonPrefixNeverEndsWithinACharacter(names: [String], prefix: String) {
        let common = CompletionList.commonPrefix(of: names.map { Array($0.utf8) })
        #expect(String(decoding: common, as: UTF8.self) == prefix)
    }

    @Test(arguments: [
        ("/a/b/name", "name"), ("name", "name"), ("dir/", "dir"), (#"/a\ b/c\ d"#, "c d"), (#""/x\"y"#, #"x"y"#),
        ("'/x y", "x y"),
        (#"/a\\b"#, #"a\b"#), ("/", "/"), ("/x\u{1b}[2J", "x\\x1b[2J"),
        ("/\u{202e}abc", "\\xe2\\x80\\xaeabc"),
    ])
    func namesAreListedByTheirLastComponentAndHarmless(candidate: String, shown: String) {
        #expect(CompletionList.shownName(candidate) == shown)
    }
}
