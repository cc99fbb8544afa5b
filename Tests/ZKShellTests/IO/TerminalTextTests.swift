import Testing
import ZKText

@testable import ZKShell

@Suite struct TerminalTextTests {
    private func shown(_ bytes: [UInt8], keepsLines: Bool = false) -> [UInt8] {
        var result: [UInt8] = []
        TerminalText.append(bytes, to: &result, keepsLines: keepsLines)
        return result
    }

    @Test(arguments: [
        ("plain", "plain"), ("caf\u{e9} \u{1F600} \u{5d0}", "caf\u{e9} \u{1F600} \u{5d0}"), ("\u{1b}[2J", "\\x1b[2J"),
        ("\u{7}\u{8}\u{d}\u{7f}\u{0}", "\\x07\\x08\\x0d\\x7f\\x00"), ("a\nb\tc", "a\\x0ab\\x09c"),
        ("\u{9b}2J", "\\xc2\\x9b2J"),
        ("\u{85}", "\\xc2\\x85"), ("\u{202e}x", "\\xe2\\x80\\xaex"),
        ("\u{2066}x\u{2069}", "\\xe2\\x81\\xa6x\\xe2\\x81\\xa9"),
        ("\u{200e}\u{200f}\u{61c}", "\\xe2\\x80\\x8e\\xe2\\x80\\x8f\\xd8\\x9c"), ("\u{2028}", "\\xe2\\x80\\xa8"),
    ])
    func escapesWhatControlsATerminal(text: String, expected: String) {
        #expect(TerminalText.escaped(text) == expected)
        #expect(TerminalText.isHarmless(text) == (text == expected))
    }

    @Test func keepsLinesAndTabsOfData() {
        #expect(TerminalText.escaped("a\n\tb\r", keepsLines: true) == "a\n\tb\\x0d")
    }

    @Test(
        arguments: [
            ([0x9B, 0x32, 0x4A], "\\x9b2J"), ([0xFF], "\\xff"), ([0xC3], "\\xc3"), ([0xC3, 0x28], "\\xc3("),
            ([0xC0, 0x9B], "\\xc0\\x9b"), ([0xED, 0xA0, 0x80], "\\xed\\xa0\\x80"),
            ([0xF4, 0x90, 0x80, 0x80], "\\xf4\\x90\\x80\\x80"),
            ([0xE2, 0x82], "\\xe2\\x82"), ([0xE0, 0x80, 0x9B], "\\xe0\\x80\\x9b"),
        ] as [([UInt8], String)])
    func showsWhatIsNotTextAsBytes(bytes: [UInt8], expected: String) {
        #expect(String(decoding: shown(bytes), as: UTF8.self) == expected)
    }

    @Test func nothingGetsThroughWhateverTheBytes() {
        var random = SystemRandomNumberGenerator()
        let likely: [UInt8] = [
            0x1B, 0x9B, 0xC2, 0xE2, 0x80, 0xAE, 0x81, 0xA6, 0x07, 0x5B, 0x41, 0xED, 0xA0, 0xF0, 0x9F,
        ]
        for _ in 0..<5_000 {
            let bytes = (0..<Int.random(in: 0...12, using: &random)).map { _ in
                Bool.random(using: &random)
                    ? likely.randomElement(using: &random)! : UInt8.random(in: 0...255, using: &random)
            }
            let result = shown(bytes)
            let text = String(validating: result, as: UTF8.self)
            #expect(text.map(TerminalText.isHarmless) == true, "\(bytes)")
        }
    }
}
