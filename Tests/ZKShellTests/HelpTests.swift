import ShellLanguage
import Support
import Testing

@testable import ZKShell

@Suite(.timeLimit(.minutes(1)))
struct HelpTests {
    @Test(arguments: shellCommands.map { $0.declaration.name })
    func everyCommandIsExplained(name: String) throws {
        let entry = try #require(CommandRegistry[name])
        let declaration = entry.command.declaration
        #expect(declaration.examples.count >= 2, "\(name) has fewer than two examples")
        #expect(!declaration.abstract.isEmpty && declaration.abstract.hasSuffix("."))
        let text = CommandHelp.text(of: entry.command)
        for part in ["\(name): \(declaration.abstract)", "\n  \(name)", "\nExamples:\n", "\nExit status:\n"] {
            #expect(text.contains(part), "help \(name) lacks \(part)")
        }
        for argument in CommandSchema.of(entry.command).arguments where !argument.isHidden {
            #expect(!argument.abstract.isEmpty, "\(name): \(argument.valueName) is not explained")
            for spelling in argument.names.map(\.spelling) { #expect(text.contains(spelling)) }
        }
    }

    /// An example that could not be typed would teach mistakes.
    @Test(arguments: shellCommands.map { $0.declaration.name })
    func everyExampleCanBeTyped(name: String) throws {
        let declaration = try #require(CommandRegistry[name]).command.declaration
        for example in declaration.examples {
            let line = example.line.hasPrefix("zoosh ") ? String(example.line.dropFirst(6)) : example.line
            // Its text is not part of the example.
            if line.contains("<<") { continue }
            guard case .list(let list, _) = try CommandListParser.parse(Array(line.utf8)) else { continue }
            for item in list.items {
                guard let word = item.invocation.words.first?.text, let entry = CommandRegistry[word] else { continue }
                let words = entry.addedWords + item.invocation.words.dropFirst()
                let schema = CommandSchema.of(entry.command)
                let matched = try ArgumentMatcher.match(
                    words, trailingWord: entry.command.declaration.trailingWord, schema: schema)
                if !matched.asksForHelp { _ = try entry.command.make(from: matched, schema: schema) }
            }
        }
    }

    @Test func theUsageFitsOnAScreen() {
        let lines = UsageText.text.split(separator: "\n", omittingEmptySubsequences: false)
        #expect(lines.count <= 60)
        #expect(lines.allSatisfy { $0.count <= 80 })
        #expect(UsageText.examples.count == 5)
        for example in UsageText.examples { #expect(UsageText.text.contains(example.line)) }
    }

    @Test(arguments: [("dleete", "delete"), ("craete", "create"), ("exsits", "exists"), ("whaomi", "whoami")])
    func anUnknownCommandGetsASuggestion(typed: String, meant: String) {
        let error = CommandRegistry.unknownCommand(typed)
        #expect(error.status == .notFound)
        #expect(error.message.contains("did you mean \(meant)?"), "\(error.message)")
    }

    @Test func helpNamesWhatItDoesNotKnow() {
        #expect(
            HelpCommand.unknownSubject("script").message == "script: no such command or topic; did you mean scripts?")
        #expect(HelpCommand.unknownSubject("xyz").message == "xyz: no such command or topic; `help` lists them")
    }

    @Test(arguments: [
        ("ls --srot name /", "--sort"), ("deleteall --limt 3 /a", "--limit"), ("create --parent /a/b", "--parents"),
    ])
    func anUnknownOptionGetsASuggestion(line: String, meant: String) async throws {
        let shell = try await ShellHarness()
        let result = await shell.run(line)
        #expect(result.status == 2)
        #expect(result.errors.first?.contains("did you mean \(meant)?") == true, "\(result.errors)")
    }

    @Test func anUnknownGlobalOptionGetsASuggestion() {
        #expect {
            try Launch(words: [Word("--servr"), Word("x")], programName: "zoosh", environment: { _ in nil })
        } throws: { error in
            "\(error)".contains("did you mean --server?")
        }
    }
}
