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

    /// What scripts read is the same to the byte on stdout and on stderr. A line that cannot be run as it is written gets
    /// zoosh's explanation instead of the name of a Java class.
    @Test func compatOutputIsZKCLIsOnBothStreams() async throws {
        let (zkCli, zoosh) = try await transcripts(["--compat"])
        var explained = 0
        for (index, line) in Self.lines.enumerated() {
            let (theirs, ours) = (zkCli.answers[index], zoosh.answers[index])
            #expect(theirs.output.normalized == ours.output.normalized, "\(line)")
            if Self.isAboutTheLine(theirs.errors) {
                explained += 1
                #expect(!ours.errors.isEmpty, "\(line)")
            } else {
                #expect(theirs.errors.normalized == ours.errors.normalized, "\(line)")
            }
        }
        #expect(explained < Self.lines.count / 5)
        // Those of /number come while printwatches is switched off and on, which zkCli's thread may see late.
        let (theirs, ours) = (zkCli.events, zoosh.events)
        #expect(
            theirs.filter { !$0.hasSuffix(":/number") }.sorted() == ours.filter { !$0.hasSuffix(":/number") }.sorted())
        #expect(theirs.count >= 5)
    }

    /// The errors of a server begin with a few texts; all others are about options, operands and usage.
    private static func isAboutTheLine(_ errors: String) -> Bool {
        let texts = [
            "Created ", "absolute path is ", "Node ", "Ephemerals cannot", "Acl is not valid : /", "KeeperErrorCode = ",
            "Insufficient permission", "Arguments are not valid", "version No is not valid", "Quota has exceeded",
            "quota for ", "Path must", "Invalid path string",
        ]
        return errors.normalized.split(separator: "\n").contains { line in
            !texts.contains { line.hasPrefix($0) } && !line.contains("has a quota")
                || line == "KeeperErrorCode = InvalidACL"
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
