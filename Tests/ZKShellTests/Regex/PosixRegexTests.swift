import Glibc
import ShellLanguage
import Support
import Testing

@testable import ZKShell

@Suite(.timeLimit(.minutes(2))) struct PosixRegexTests {
    private func matches(
        _ pattern: String, _ text: String, isExtended: Bool = true, ignoresCase: Bool = false
    ) throws -> Bool {
        try PosixRegex(pattern, isExtended: isExtended, ignoresCase: ignoresCase).matches(Array(text.utf8))
    }

    @Test(arguments: [
        ("", "", true), ("^$", "", true), ("^$", "a", false), ("a|", "b", true), ("()", "x", true),
        ("tw?o$", "a two", true), ("^a{2,3}$", "aaaa", false), ("^a{,2}$", "aa", true), ("^(ab|c)+$", "abcab", true),
        ("[[:digit:]_-]+x", "7_-x", true), ("[]a]", "]", true), ("[^]a]", "]a", false), ("a{x", "a{x", true),
        ("\\bcat\\b", "a cat.", true), ("\\<cat\\>", "concat", false), ("\\w\\W\\s", "a  ", true), ("a)", "a)", true),
        ("^.$", "é", true), ("^..$", "é", false), ("[à-ü]", "é", true), ("[^a]", "é", true), ("é{2}", "éé", true),
        ("(a)(b)\\2\\1", "abba", true), ("^(.*)\\1$", "abcabc", true), ("^(.*)\\1$", "abcabd", false),
        ("\\.", "a", false), ("[.]", ".", true), ("[[=a=]x]", "a", true), ("(^a|b$)", "cb", true),
    ])
    func matchesExtended(pattern: String, text: String, expected: Bool) throws {
        #expect(try matches(pattern, text) == expected)
    }

    @Test(arguments: [
        ("a\\{2\\}", "aa", true), ("a{2}", "a{2}", true), ("*a", "*a", true), ("\\(*a\\)", "*a", true),
        ("a\\|b", "b", true), ("a|b", "b", false), ("a\\+", "aa", true), ("x^a$y", "x^a$y", true),
        ("\\(^a\\)", "ba", false), ("\\(a\\)\\1", "xaa", true), ("[a\\]", "\\", true), ("^*", "*", true),
    ])
    func matchesBasic(pattern: String, text: String, expected: Bool) throws {
        #expect(try matches(pattern, text, isExtended: false) == expected)
    }

    @Test func ignoresCaseBeyondASCII() throws {
        #expect(try matches("CAFÉ[a-c]", "caféB", ignoresCase: true))
        #expect(try !matches("[^a]", "A", ignoresCase: true))
        #expect(try matches("(a)\\1", "aA", ignoresCase: true))
    }

    @Test func bytesThatAreNotUTF8StandForThemselves() throws {
        #expect(try PosixRegex([0x61, 0xFF]).matches([0x61, 0xFF]))
        #expect(try !PosixRegex([0xFF]).matches([0xEF, 0xBF, 0xBD]))
        #expect(try PosixRegex(Array("a*b.".utf8), isFixed: true).matches(Array("xa*b.".utf8)))
        #expect(try !PosixRegex(Array("a*b.".utf8), isFixed: true).matches(Array("xaab.".utf8)))
        #expect(try PosixRegex("b").matches([0, 0x62]))
    }

    @Test(arguments: [
        ("(", "Unmatched ( or \\("), ("[a", "Unmatched [, [^, [:, [., or [="),
        ("*a", "Invalid preceding regular expression"),
        ("[b-a]", "Invalid range end"), ("[[:nope:]]", "Invalid character class name"), ("a\\", "Trailing backslash"),
        ("\\1", "Invalid back reference"), ("(a\\1)", "Invalid back reference"),
        ("a{3,2}", "Invalid content of \\{\\}"),
        ("((a{1,255}){1,255}){1,255}", "Regular expression too big"), ("a{99999}", "Regular expression too big"),
        (String(repeating: "(", count: 100_000), "Regular expression too big"),
        ("a" + String(repeating: "*", count: 100_000), "Regular expression too big"),
    ])
    func refuses(pattern: String, reason: String) {
        #expect { try PosixRegex(pattern) } throws: { error in
            (error as? UsageError)?.message.hasSuffix(": " + reason) == true
        }
    }

    /// The system's library needs memory for 2^25 states here.
    @Test func boundsTimeAndMemory() throws {
        let text = (0..<20_000).map { UInt8(ascii: "a") + UInt8($0 * $0 % 7 % 2) }
        #expect(try !PosixRegex("(a|b)*a(a|b){25}c").matches(text))
    }

    @Test func backReferencesEndAfterSomeSteps() throws {
        let regex = try PosixRegex("(a*)*\\1c")
        #expect {
            try regex.matches([UInt8](repeating: UInt8(ascii: "a"), count: 4096) + [UInt8(ascii: "b")])
        } throws: {
            ($0 as? ShellError)?.message.contains("too many steps") == true
        }
    }

    @Test func aCancelledTaskEndsTheSearch() async throws {
        let task = Task {
            let regex = try PosixRegex("(a*)*\\1c")
            while !Task.isCancelled {}
            return try regex.matches([UInt8](repeating: UInt8(ascii: "a"), count: 4096))
        }
        task.cancel()
        await #expect { try await task.value } throws: { ($0 as? ShellError)?.status == .interrupted }
    }

    // MARK: The system's library

    @Test func agreesWithTheSystemsLibrary() throws {
        var random = SeededGenerator(seed: .random(in: 0 ... .max))
        let seed = random
        for _ in 0..<3000 {
            // Anchors stand outside of groups: the system's library takes a ^ or \b in a group that is repeated for true.
            let pattern =
                ["", "^"].randomElement(using: &random)! + "(\(Self.expression(depth: 3, &random)))"
                + ["", "$"].randomElement(using: &random)!
            let text = String(
                (0..<Int.random(in: 0...6, using: &random)).map { _ in "ab_ ".randomElement(using: &random)! })
            let expected = Self.systemMatches(pattern, text)
            #expect(try matches(pattern, text) == expected, "\(pattern) in \(text), \(seed)")
        }
    }

    private static func expression(depth: Int, _ random: inout SeededGenerator) -> String {
        let count = Int.random(in: 1...3, using: &random)
        return (0..<count).map { _ in
            var atom = ["a", "b", ".", "[ab]", "[^a]", "\\w", "[[:space:]]"].randomElement(using: &random)!
            if depth > 0, Bool.random(using: &random) { atom = "(\(expression(depth: depth - 1, &random)))" }
            if atom.utf8.count == 1 || atom.hasPrefix("(") || atom.hasPrefix("[") {
                atom += ["", "", "*", "+", "?", "{2}", "{0,2}"].randomElement(using: &random)!
            }
            return atom
        }.joined(separator: Int.random(in: 0...3, using: &random) == 0 ? "|" : "")
    }

    private static func systemMatches(_ pattern: String, _ text: String) -> Bool {
        var compiled = regex_t()
        guard regcomp(&compiled, pattern, REG_EXTENDED | REG_NOSUB) == 0 else { return false }
        defer { regfree(&compiled) }
        return regexec(&compiled, text, 0, nil, 0) == 0
    }
}
