import Testing

@Suite struct ScreenTests {
    private func screen(_ text: String, rows: Int = 4, columns: Int = 10) -> Screen {
        var screen = Screen(rows: rows, columns: columns)
        screen.feed(text.utf8)
        return screen
    }

    @Test(arguments: [
        ("one\r\ntwo", ["one", "two"]), ("abc\rX", ["Xbc"]), ("abc\u{8}\u{8}X", ["aXc"]), ("a\tb", ["a       b"]),
        ("0123456789ab", ["0123456789", "ab"]), ("0123456789\r\nab", ["0123456789", "ab"]),
        ("0123456789\rX", ["X123456789"]), ("1\r\n2\r\n3\r\n4\r\n5", ["2", "3", "4", "5"]),
        ("abcdef\u{1b}[3D\u{1b}[K", ["abc"]), ("abcdef\u{1b}[3D\u{1b}[2P", ["abcf"]),
        ("abc\u{1b}[2D\u{1b}[2@", ["a  bc"]),
        ("a\r\nb\r\nc\u{1b}[2A\u{1b}[J", ["a"]), ("abc\u{1b}[H\u{1b}[2JX", ["X"]), ("abc\u{1b}[2GX", ["aXc"]),
        ("\u{1b}[31mred\u{1b}[0m", ["red"]), ("caf\u{e9}", ["caf\u{e9}"]), ("\u{1b}[3CX", ["   X"]),
    ])
    func showsWhatATerminalShows(text: String, lines: [String]) {
        #expect(screen(text).lines == lines)
        #expect(screen(text).strays == [])
    }

    @Test(arguments: [
        "\u{1b}]0;title\u{7}", "\u{9b}2J", "\u{1b}c", "\u{1b}[5n", "\u{1b}[?1049h", "\u{1}", "\u{1b}Pq\u{1b}\\",
    ])
    func noticesWhatItDoesNotKnow(text: String) {
        #expect(!screen(text).strays.isEmpty)
    }

    @Test func noticesBytesThatAreNotText() {
        var screen = Screen(rows: 2, columns: 10)
        screen.feed([0x61, 0x9B, 0x32, 0x4A])
        #expect(!screen.strays.isEmpty)
    }
}
