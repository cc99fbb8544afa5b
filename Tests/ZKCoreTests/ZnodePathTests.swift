import Testing
import ZKCore

@Suite struct ZnodePathTests {
    @Test(arguments: [
        "/", "/a", "/a/b", "/...", "/..a", "/a..", "/.a", "/a.", "/ ", "/a b", "/caf\u{e9}", "/\u{7e}", "/\u{a0}",
        "/\u{f900}", "/\u{feff}", "/\u{ffef}", "/\u{d7ff}", "/zookeeper/quota",
    ])
    func acceptsWhatZooKeeperAccepts(_ string: String) throws {
        #expect(try ZnodePath(string).string == string)
    }

    @Test(
        arguments: [
            ("", .empty), ("a", .relative), ("a/b", .relative), (" /a", .relative), ("/a/", .trailingSlash),
            ("//", .trailingSlash), ("//a", .emptyComponent), ("/a//b", .emptyComponent), ("/.", .dotComponent),
            ("/..", .dotComponent), ("/a/./b", .dotComponent), ("/a/../b", .dotComponent), ("/a/..", .dotComponent),
            ("/\0", .character(0)), ("/a\u{1}", .character(1)), ("/a\u{1f}b", .character(0x1f)),
            ("/\u{7f}", .character(0x7f)), ("/\u{9f}", .character(0x9f)), ("/\u{e000}", .character(0xe000)),
            ("/\u{f8ff}", .character(0xf8ff)), ("/\u{fff0}", .character(0xfff0)), ("/\u{ffff}", .character(0xffff)),
            ("/\u{1f600}", .character(0x1f600)), ("/\u{10ffff}", .character(0x10ffff)),
        ] as [(String, ZnodePathError.Reason)])
    func refusesWhatZooKeeperRefuses(_ string: String, _ reason: ZnodePathError.Reason) {
        #expect(throws: ZnodePathError(path: string, reason: reason)) { try ZnodePath(string) }
    }

    @Test func canonicallyEqualTextsAreTwoPaths() throws {
        let composed = ZnodePath("/caf\u{e9}")
        let decomposed = ZnodePath("/cafe\u{301}")
        #expect(composed.string == decomposed.string, "Swift's own comparison merges them")
        #expect(composed != decomposed)
        #expect(Set([composed, decomposed]).count == 2)
    }

    @Test func ordersAsJavaDoes() {
        // U+FF5E sorts after U+1F600 by scalar, before it never: Java compares UTF-16 units, where the latter
        // begins with D83D.
        let paths = ["/b", "/a", "/a/b", "/\u{ff5e}", "/\u{1f600}", "/B", "/a\u{301}"].map(ZnodePath.init(unchecked:))
        #expect(paths.sorted().map(\.string) == ["/B", "/a", "/a/b", "/a\u{301}", "/b", "/\u{1f600}", "/\u{ff5e}"])
    }

    @Test(
        arguments: [
            ("/", "", nil, []), ("/a", "a", "/", ["a"]), ("/a/b", "b", "/a", ["a", "b"]),
            ("/caf\u{e9}/x y", "x y", "/caf\u{e9}", ["caf\u{e9}", "x y"]),
        ] as [(String, String, String?, [Substring])])
    func splits(_ string: String, _ name: String, _ parent: String?, _ components: [Substring]) throws {
        let path = try ZnodePath(string)
        #expect(path.name == name)
        #expect(path.parent?.string == parent)
        #expect(path.components == components)
        #expect(path.isRoot == (string == "/"))
    }

    @Test func errorsSayWhatIsWrong() {
        #expect("\(ZnodePathError(path: "a", reason: .relative))" == "a: a path must start with /")
        #expect("\(ZnodePathError(path: "/\u{7}", reason: .character(7)))".contains("U+7"))
    }
}
