import Glibc
internal import ShellLanguage
import Synchronization
internal import ZKSystem

/// The program that shows output which is longer than the screen.
final class Pager: Sendable {
    private struct State {
        var descriptor: Int32?
        var command: SystemCommand?
    }

    private let commandLine: String
    private let diagnostics: Diagnostics
    private let state = Mutex(State())

    private static let standard = "less -FRX"

    /// Nil when the user wants none, or there is none.
    init?(options: ShellOptions, diagnostics: Diagnostics) {
        self.diagnostics = diagnostics
        switch options.pager {
        case "never", "": return nil
        case "auto":
            if let pager = options.defaultPager {
                commandLine = pager == "less" ? Self.standard : pager
            } else {
                guard SystemCommand.isInstalled("less") else { return nil }
                commandLine = Self.standard
            }
        default: commandLine = options.pager
        }
    }

    /// The output of one command. Call ``finish()`` after it.
    func output(usesColor: Bool) -> Output {
        var size = winsize()
        let rows = ioctl(STDOUT_FILENO, UInt(TIOCGWINSZ), &size) == 0 && size.ws_row > 0 ? Int(size.ws_row) : 24
        return Output(descriptor: STDOUT_FILENO, usesColor: usesColor, lines: rows - 1) { self.start() }
    }

    /// Nil when it cannot be started: then the output goes to the terminal.
    private func start() -> Int32? {
        guard let ends = Pipe() else { return nil }
        defer { LocalFile.close(ends.reading) }
        guard let command = try? SystemCommand.shell(Word(commandLine), input: ends.reading) else {
            LocalFile.close(ends.writing)
            return nil
        }
        let writing = ends.writing
        diagnostics.holdNotices()
        state.withLock { state in
            state.command = command
            state.descriptor = writing
        }
        return writing
    }

    /// Tells the pager that all was said, and waits until the user has seen it.
    func finish() async {
        let (descriptor, command) = state.withLock { ($0.descriptor, $0.command) }
        if let descriptor { LocalFile.close(descriptor) }
        guard let command else { return }
        _ = await command.wait()
        diagnostics.releaseNotices()
    }
}
