import Foundation
import Glibc
import Support
import Synchronization

/// The built `zoosh` in a terminal, as somebody who types sees it.
final class Terminal: Sendable {
    /// A screen that did not come.
    struct Missing: Error, CustomStringConvertible {
        var what: String
        var screen: Screen

        var description: String {
            "no \(what); the screen is\n" + screen.lines.map { "  |\($0)\n" }.joined()
                + "cursor at \(screen.row), \(screen.column); unknown: \(screen.strays)"
        }
    }

    /// HOME, the working directory, and where files go.
    let home: TemporaryDirectory
    private let process: PseudoTerminal
    private let shown: Shown

    /// Long, since the machine may be busy.
    static let patience = Duration.seconds(30)

    /// - Parameters:
    ///   - server: the connect string; nil leaves the option out.
    ///   - program: what runs in the terminal instead of zoosh; `$ZOOSH` is then the path of zoosh.
    ///   - input, output, errors: names of files in `home` that take the place of the terminal.
    init(
        server: String? = nil, _ arguments: [String] = [], program: [String]? = nil, home: TemporaryDirectory? = nil,
        environment: [String: String] = [:], rows: Int = 24, columns: Int = 80, input: String? = nil,
        output: String? = nil, errors: String? = nil
    ) throws {
        let home = try home ?? TemporaryDirectory()
        self.home = home
        let shown = Shown(Screen(rows: rows, columns: columns))
        self.shown = shown
        var variables = [
            "HOME": home.path, "PATH": "/usr/local/bin:/usr/bin:/bin", "TERM": "xterm", "LANG": "C.UTF-8", "TZ": "UTC",
            "INPUTRC": "/dev/null", "ZOOSH_PAGER": "never", "ZOOSH": BuiltProduct.zoosh, "PS1": "sh> ",
        ]
        variables.merge(environment) { $1 }
        let options = ["--prompt", "%{(%s) %}%w> "] + (server.map { ["-s", $0] } ?? []) + arguments
        let command = program ?? [BuiltProduct.zoosh] + options
        process = try PseudoTerminal(
            command[0], Array(command.dropFirst()), environment: variables, directory: home.path, rows: rows,
            columns: columns, input: input.map(home.path(_:)), output: output.map(home.path(_:)),
            errors: errors.map(home.path(_:))
        ) { bytes in
            shown.screen.withLock { $0.feed(bytes) }
        }
    }

    private final class Shown: Sendable {
        let screen: Mutex<Screen>

        init(_ screen: Screen) {
            self.screen = Mutex(screen)
        }
    }

    deinit {
        process.kill()
    }

    var screen: Screen { shown.screen.withLock { $0 } }

    func type(_ text: String) {
        process.send(Array(text.utf8))
    }

    func resize(rows: Int, columns: Int) throws {
        shown.screen.withLock { $0.resize(rows: rows, columns: columns) }
        try process.resize(rows: rows, columns: columns)
    }

    func signal(_ number: Int32) {
        process.signal(number)
    }

    // MARK: Waiting

    /// Waits until the screen is as `condition` wants it.
    @discardableResult
    func wait(_ what: String, until condition: (Screen) -> Bool) async throws -> Screen {
        do {
            try await eventually(within: Self.patience, what) { condition(screen) }
        } catch is TimeLimitExceeded {
            throw Missing(what: what, screen: screen)
        }
        return screen
    }

    /// Waits until the screen has these rows, and no others.
    @discardableResult
    func shows(_ lines: String...) async throws -> Screen {
        try await wait("screen of \(lines)") { $0.lines == lines.map(Self.trimmed) }
    }

    /// Waits until the last rows are these.
    @discardableResult
    func endsIn(_ lines: String...) async throws -> Screen {
        try await wait("end \(lines)") { $0.lines.suffix(lines.count) == lines.map(Self.trimmed)[...] }
    }

    /// Waits until `text` stands somewhere.
    @discardableResult
    func contains(_ text: String) async throws -> Screen {
        try await wait("text \(text)") { $0.text.contains(text) }
    }

    /// Waits for a prompt behind which nothing is typed.
    @discardableResult
    func prompt(_ prompt: String = "/>") async throws -> Screen {
        try await wait("prompt \(prompt)") { $0.currentLine == prompt && $0.column == prompt.count + 1 }
    }

    /// Types a line and waits until it is there.
    func write(_ line: String) async throws {
        type(line)
        try await wait("typed \(line)") { $0.currentLine.hasSuffix(Self.trimmed(line)) }
    }

    /// Types TAB until the screen is as `condition` wants it: on a busy machine the server's answer may come too late
    /// for the completion, which rings the bell then or leaves the name open.
    @discardableResult
    func complete(_ what: String, until condition: (Screen) -> Bool) async throws -> Screen {
        let deadline = ContinuousClock.now + Self.patience
        while ContinuousClock.now < deadline {
            let bells = screen.bellCount
            type("\t")
            try? await eventually(within: .seconds(5), what) { condition(screen) || screen.bellCount > bells }
            try? await eventually(within: .milliseconds(500), what) { condition(screen) }
            if condition(screen) { return screen }
        }
        throw Missing(what: what, screen: screen)
    }

    /// Runs a line and waits for the next prompt.
    @discardableResult
    func run(_ line: String, prompt next: String = "/>") async throws -> Screen {
        try await write(line)
        type("\r")
        return try await prompt(next)
    }

    /// Ctrl-C, and the prompt that follows it.
    func interrupt(prompt next: String = "/>") async throws {
        func count(_ screen: Screen) -> Int { screen.text.components(separatedBy: "^C").count }
        let before = count(screen)
        type("\u{3}")
        try await wait("prompt after Ctrl-C") { count($0) > before && $0.currentLine == next }
    }

    func exit() async throws -> ChildProcess.Exit {
        try await wait("end of the process") { _ in process.exit != nil }
        return process.exit!
    }

    private static func trimmed(_ line: String) -> String {
        var line = line
        while line.last == " " { line.removeLast() }
        return line
    }
}

extension Terminal {
    /// A file in the home directory.
    func file(_ name: String) -> String {
        FileManager.default.contents(atPath: home.path(name)).map { String(decoding: $0, as: UTF8.self) } ?? ""
    }
}
