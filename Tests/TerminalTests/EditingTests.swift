import Foundation
import Support
import Testing
import ZKClient
import ZKCore

@Suite(.timeLimit(.minutes(2))) struct EditingTests {
    private let scene: Scene

    init() async throws {
        scene = try await Scene("/app=hello")
    }

    // MARK: Size

    @Test func aNarrowerTerminalBreaksTheLineAnew() async throws {
        let terminal = try await scene.terminal()
        try await terminal.write("create /0123456789 abcdefghijkl")
        try terminal.resize(rows: 10, columns: 20)
        terminal.type("m")
        try await terminal.wait("line over two rows") { screen in
            screen.lines.suffix(2) == ["/> create /012345678", "9 abcdefghijklm"] && screen.column == 15
        }
        try await terminal.interrupt()
    }

    @Test func aWiderTerminalIsUsed() async throws {
        let terminal = try await scene.terminal(rows: 10, columns: 20)
        try terminal.resize(rows: 10, columns: 60)
        terminal.type("create /0123456789 abcdefghijkl")
        try await terminal.wait("line in one row") { $0.currentLine == "/> create /0123456789 abcdefghijkl" }
    }

    // MARK: Paste

    @Test func linesThatArePastedRunOneAfterTheOther() async throws {
        let terminal = try await scene.terminal()
        try await terminal.wait("bracketed paste") { $0.isPasteBracketed }
        terminal.type("\u{1b}[200~get /app\nls /\n\u{1b}[201~")
        try await terminal.contains("ls /")
        terminal.type("\r")
        try await terminal.endsIn("hello", "[app]", "/>")
    }

    @Test func pastedChangesAreConfirmed() async throws {
        let terminal = try await scene.terminal()
        terminal.type("\u{1b}[200~set /app one\ndelete /app\u{1b}[201~\r")
        try await terminal.contains("Run these 2 pasted commands that change znodes? [y/N]")
        terminal.type("n\r")
        try await terminal.prompt()
        try await terminal.run("get /app")
        try await terminal.endsIn("/> get /app", "hello", "/>")
    }

    @Test func linesRunAsTheyComeFromATerminalWithoutBrackets() async throws {
        let home = try TemporaryDirectoryWithInputrc()
        let terminal = try await scene.terminal(home: home.directory, environment: ["INPUTRC": home.inputrc])
        #expect(!terminal.screen.isPasteBracketed)
        terminal.type("get /app\nls /\npwd\n")
        try await terminal.wait("three results") { screen in
            let lines = screen.lines
            return lines.filter { ["hello", "[app]", "/"].contains($0) }.count == 3 && lines.last == "/>"
        }
    }

    // MARK: Continuation

    @Test func anOpenQuoteGoesOnInTheNextLine() async throws {
        let terminal = try await scene.terminal()
        try await terminal.run("set /app \"one", prompt: "…>")
        try await terminal.run("two\"")
        try await terminal.run("get /app")
        try await terminal.endsIn("/> get /app", "one", "two", "/>")
    }

    @Test func aHereDocumentEndsWithItsWord() async throws {
        let terminal = try await scene.terminal()
        try await terminal.run("set /app @- <<END", prompt: "…>")
        try await terminal.run("one", prompt: "…>")
        try await terminal.run("END")
        try await terminal.run("get /app")
        try await terminal.endsIn("one", "", "/>")
    }

    @Test func completionGoesOnInTheNextLine() async throws {
        let terminal = try await scene.terminal()
        try await terminal.run("get \\", prompt: "…>")
        try await terminal.write("/ap")
        try await terminal.complete("completed znode") { $0.currentLine == "…> /app" }
        terminal.type("\r")
        try await terminal.endsIn("hello", "/>")
    }

    // MARK: Keys

    @Test func theLastWordAndTheWorkingZnodeAreInserted() async throws {
        let terminal = try await scene.terminal()
        try await terminal.run("get /app")
        terminal.type("stat \u{1b}.")
        try await terminal.wait("last word") { $0.currentLine == "/> stat /app" }
        try await terminal.interrupt()
        try await terminal.run("cd /app", prompt: "/app>")
        terminal.type("get \u{18}s")
        try await terminal.wait("working znode") { $0.currentLine == "/app> get /app" }
    }

    @Test(arguments: ["\u{18}h", "\u{1b}OP"])
    func helpForTheCommandOfTheLineStandsAboveIt(keys: String) async throws {
        let terminal = try await scene.terminal()
        try await terminal.write("ls -")
        terminal.type(keys)
        try await terminal.contains("ls: List the children")
        try await terminal.wait("line as it was") { $0.currentLine == "/> ls -" }
    }

    @Test func theLineIsEditedInAnEditor() async throws {
        let terminal = try await scene.terminal(environment: ["EDITOR": "sed -i s,pwd,get\\ /app,"])
        try await terminal.write("pwd")
        terminal.type("\u{18}\u{5}")
        try await terminal.wait("line from the editor") { $0.currentLine == "/> get /app" }
        terminal.type("\r")
        try await terminal.endsIn("hello", "/>")
    }

    /// An empty variable is as good as none, and the file is in $TMPDIR.
    @Test func theEditorIsTheFirstThatIsNamed() async throws {
        let home = try TemporaryDirectory()
        let terminal = try await scene.terminal(
            home: home,
            environment: [
                "VISUAL": " ", "TMPDIR": home.path,
                "EDITOR": #"f() { cp "$1" seen; echo 'get /app' >"$1"; }; f"#,
            ])
        try await terminal.write("pwd")
        terminal.type("\u{18}\u{5}")
        try await terminal.wait("line from the editor") { $0.currentLine == "/> get /app" }
        #expect(try String(contentsOf: home.url("seen"), encoding: .utf8) == "pwd")
        #expect(try FileManager.default.contentsOfDirectory(atPath: home.path).filter { $0.hasPrefix("zoosh-") } == [])
    }

    @Test func anEditedLineMayBeLong() async throws {
        let terminal = try await scene.terminal(
            environment: ["EDITOR": #"f() { { printf 'echo '; printf '%070000d' 0; printf ' | wc -c'; } >"$1"; }; f"#])
        try await terminal.write("pwd")
        terminal.type("\u{18}\u{5}")
        try await terminal.wait("the end of the line") { $0.lines.last?.hasSuffix(" | wc -c") == true }
        terminal.type("\r")
        try await terminal.endsIn("70001", "/>")
    }

    /// Readline would take each byte for a key, and the half of a letter would be stored.
    @Test(arguments: [["LANG": "xx_XX.UTF-8"], ["LANG": "C.UTF-8", "LC_ALL": "xx_XX.UTF-8"], ["LANG": ""]])
    func backspaceTakesAWholeLetterWhateverTheLocale(environment: [String: String]) async throws {
        let terminal = try await scene.terminal(environment: environment)
        try await terminal.write("create /x aé")
        terminal.type("\u{7f}b\r")
        try await terminal.prompt()
        #expect(try await scene.client.getData("/x").data == Array("ab".utf8))
    }

    /// Nobody would be left to take the keys.
    @Test func anEditorThatStopsItselfGoesOn() async throws {
        let terminal = try await scene.terminal(environment: ["EDITOR": "kill -STOP $$; true"])
        try await terminal.write("get /app")
        terminal.type("\u{18}\u{5}")
        terminal.type("\r")
        try await terminal.endsIn("/> get /app", "hello", "/>")
    }
}
