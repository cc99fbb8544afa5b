import Testing

@testable import ZKShell

@Suite struct PromptFormatTests {
    private func text(
        _ format: String, isColored: Bool = false, _ change: (inout PromptFormat.Values) -> Void = { _ in }
    ) -> String {
        var values = PromptFormat.Values()
        values.host = "zk1"
        values.port = "2181"
        values.workingPath = "/app"
        change(&values)
        return PromptFormat(format: format).text(values, isColored: isColored)
    }

    @Test func theStandardPromptShowsAStateOnlyWhenThereIsOne() {
        #expect(text(PromptFormat.standard) == "[zk1:2181] /app> ")
        #expect(text(PromptFormat.standard) { $0.chroot = "/root" } == "[zk1:2181/root] /app> ")
        #expect(text(PromptFormat.standard) { $0.state = "CONNECTING" } == "[zk1:2181] (CONNECTING) /app> ")
    }

    @Test(arguments: [
        ("%h", "zk1"), ("%p", "2181"), ("%w", "/app"), ("%n", "7"), ("%?", "4"), ("%i", "0x1f"), ("%u", "digest"),
        ("100%%", "100%"), ("%q", "%q"), ("%", "%"), ("%{", "%{"), ("%{never closed", "%{never closed"),
        ("a%hb", "azk1b"),
    ])
    func lettersStandForValues(format: String, expected: String) {
        let shown = text(format) { values in
            values.commandNumber = 7
            values.lastStatus = 4
            values.sessionID = "0x1f"
            values.identities = "digest"
        }
        #expect(shown == expected)
    }

    @Test func coloursAreMarkedAsTakingNoRoom() {
        #expect(text("%{red%}%w%{reset%}", isColored: true) == "\u{1}\u{1b}[31m\u{2}/app\u{1}\u{1b}[0m\u{2}")
        #expect(text("%{red%}%w%{reset%}") == "/app")
    }

    @Test func aStatusIsShownOnlyAfterAFailure() {
        #expect(text("%{[%?] %}>") == ">")
        #expect(text("%{[%?] %}>") { $0.lastStatus = 4 } == "[4] >")
    }

    @Test func namesCannotControlTheTerminal() {
        let shown = text("%h%c%w%u%s") { values in
            values.host = "h\u{1b}]0;x\u{7}"
            values.chroot = "/\u{9b}2J"
            values.workingPath = "/\u{1}\u{202e}"
            values.identities = "\u{8}"
        }
        #expect(shown.unicodeScalars.allSatisfy { $0.isASCII && $0.value >= 0x20 && $0.value != 0x7f })
    }
}
