import Support
import Testing
import ZKCore

@Suite struct UStringTests {
    @Test(arguments: ["", "a", "/caf\u{e9}", "\u{1f600}", "\0", "\u{ffff}"])
    func keepsText(_ text: String) {
        #expect(UString(text).string == text)
        #expect(UString(text).bytes == Array(text.utf8))
    }

    @Test func canonicallyEqualTextsDiffer() {
        #expect(UString("\u{e9}") != UString("e\u{301}"))
    }

    @Test func joinsTheSurrogatesThatJavaWrites() {
        let grin: [UInt8] = [0xED, 0xA0, 0xBD, 0xED, 0xB8, 0x80]
        #expect(UString(bytes: grin).string == "\u{1f600}")
        #expect(UString(bytes: Array("a".utf8) + grin + Array("b".utf8)).string == "a\u{1f600}b")
        #expect(UString(bytes: grin).bytes == grin, "the bytes stay")
        let last: [UInt8] = [0xED, 0xAF, 0xBF, 0xED, 0xBF, 0xBF]
        #expect(UString(bytes: last).string == "\u{10ffff}")
    }

    @Test(
        arguments: [
            [0xED, 0xA0, 0xBD], [0xED, 0xB8, 0x80], [0xED, 0xB8, 0x80, 0xED, 0xA0, 0xBD], [0xED, 0xA0, 0xBD, 0xED],
            [0xFF], [0xC0, 0x80], [0xED, 0xA0], [0x61, 0xED],
        ] as [[UInt8]])
    func damagedBytesBecomeReplacementCharactersAndSurvive(_ bytes: [UInt8]) {
        let string = UString(bytes: bytes)
        #expect(string.string.contains("\u{fffd}"))
        #expect(string.bytes == bytes)
    }

    @Test func noBytesTrap() {
        var random = SeededGenerator(seed: 1)
        // Mostly the bytes that surrogates are made of.
        let bytes: [UInt8] = [0xED, 0xA0, 0xB0, 0xBF, 0x80, 0x61, 0xF0, 0xFF]
        for _ in 0..<5_000 {
            let sample = (0..<Int.random(in: 0...9, using: &random)).map { _ in bytes.randomElement(using: &random)! }
            let text = UString(bytes: sample).string
            #expect(String(decoding: Array(text.utf8), as: UTF8.self) == text)
        }
    }
}
