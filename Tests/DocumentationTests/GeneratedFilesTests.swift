import Foundation
import Support
import Testing

/// The manual pages and completion scripts in the repository.
@Suite(.timeLimit(.minutes(5)))
struct GeneratedFilesTests {
    private static let names = [
        "man/zoosh.1", "man/zoosh-server.1", "man/zoosh-config.5", "completions/zoosh.bash", "completions/_zoosh",
        "completions/zoosh.fish",
    ]

    @Test func areCurrent() async throws {
        let directory = try TemporaryDirectory()
        let result = try await ChildProcess.run(BuiltProduct.zoosh, ["generate-docs", directory.path])
        #expect(result.status == 0, "\(result.errorText)")
        for name in Self.names {
            let made = try String(contentsOf: directory.url(name), encoding: .utf8)
            let kept = try? String(contentsOf: Fixtures.repository.appending(path: name), encoding: .utf8)
            #expect(made == kept, "\(name) is out of date: `make manuals` makes it again")
        }
    }

    @Test(arguments: names.filter { $0.hasPrefix("man/") })
    func manualPagesPassTheLint(name: String) async throws {
        let result = try await ChildProcess.run(
            "mandoc", ["-T", "lint", "-W", "warning", Fixtures.repository.appending(path: name).path])
        #expect(result.status == 0, "\(result.outputText)\(result.errorText)")
    }

    @Test(arguments: [("bash", "zoosh.bash"), ("zsh", "_zoosh"), ("fish", "zoosh.fish")])
    func completionIsPrinted(shell: String, name: String) async throws {
        let result = try await ChildProcess.run(BuiltProduct.zoosh, ["completion", shell])
        let kept = try String(contentsOf: Fixtures.repository.appending(path: "completions/\(name)"), encoding: .utf8)
        #expect(result.outputText == kept)
    }

    @Test func anUnknownShellIsAUsageError() async throws {
        let result = try await ChildProcess.run(BuiltProduct.zoosh, ["completion", "csh"])
        #expect(result.status == 2)
        #expect(result.errorText == "zoosh: completion: name the shell: bash, zsh, fish\n")
    }

    /// Every command and every global option has its place in zoosh(1).
    @Test func theManualIsReadable() async throws {
        let page = Fixtures.repository.appending(path: "man/zoosh.1").path
        let result = try await ChildProcess.run("mandoc", ["-T", "utf8", "-O", "width=100", page])
        // Bold is a letter over itself.
        let text = result.outputText.replacing(/.\u{8}/, with: "")
        for part in [
            "NAME", "--server, -server hosts", "deleteall", "QUOTING", "EXIT STATUS", "COMPATIBILITY", "ZOOSH_SERVER",
        ] {
            #expect(text.contains(part), "\(part) is missing")
        }
    }
}
