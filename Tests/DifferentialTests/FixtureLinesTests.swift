import Foundation
import Support
import Testing

/// Several hundred lines through Debian's zkCli and through zoosh: what scripts and people see is the same.
@Suite(.timeLimit(.minutes(5)))
struct FixtureLinesTests {
    static let lines: [String] = {
        let text = String(decoding: (try? Fixtures.bytes("zkcli/lines.txt")) ?? [], as: UTF8.self)
        return text.split(separator: "\n").map(String.init).filter { !$0.hasPrefix("##") }
    }()

    @Test func thereAreHundreds() {
        #expect(Self.lines.count >= 300)
    }

    @Test func plainOutputIsZKCLIs() async throws {
        let (zkCli, zoosh) = try await transcripts([])
        for (index, line) in Self.lines.enumerated() {
            let (theirs, ours) = (zkCli.answers[index], zoosh.answers[index])
            #expect(Self.payload(theirs) == Self.payload(ours), "\(line): \(ours.errors)")
            #expect(
                Self.isFailure(theirs) == Self.isFailure(ours),
                "\(line): zkCli: \(theirs.errors), zoosh: \(ours.errors)")
        }
    }

    private func transcripts(_ options: [String]) async throws -> (zkCli: Transcript, zoosh: Transcript) {
        async let theirs = Shells.zkCli(input: Transcript.script(Self.lines), on: Shells.server())
        async let ours = Shells.zoosh(options, input: Transcript.script(Self.lines), on: Shells.server())
        return try await (Transcript(theirs), Transcript(ours))
    }

    /// The payload, wherever it is printed: `Created PATH` is on stderr in zkCli (D1).
    private static func payload(_ answer: Transcript.Answer) -> String {
        let created = answer.errors.split(separator: "\n").filter { $0.hasPrefix("Created ") }.map { $0 + "\n" }
        return (created.joined() + answer.output).normalized
    }

    private static func isFailure(_ answer: Transcript.Answer) -> Bool {
        answer.errors.normalized.split(separator: "\n").contains { line in
            !line.hasPrefix("Created ") && !line.hasPrefix("absolute path is ") && !line.contains("deprecated")
                && !line.contains(": warning: ")
        }
    }
}

extension Transcript {
    init(_ result: CommandResult) {
        self.init(output: result.outputText, errors: result.errorText, lineCount: FixtureLinesTests.lines.count)
    }
}
