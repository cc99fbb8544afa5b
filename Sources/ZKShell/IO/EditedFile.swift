import Glibc
import ShellLanguage

/// A file that the user's editor works on. Nobody else can read it.
struct EditedFile {
    let path: String

    /// - Parameter name: ends the name of the file, since editors know formats by that.
    init(data: [UInt8], name: String) throws(ShellError) {
        let directory = getenv("TMPDIR").map { String(cString: $0) }.flatMap { $0.isEmpty ? nil : $0 } ?? "/tmp"
        let allowed = name.utf8.filter {
            $0.isDigit || $0 == UInt8(ascii: ".") || $0 == UInt8(ascii: "-")
                || (UInt8(ascii: "a")...UInt8(ascii: "z")).contains($0 | 0x20)
        }
        let suffix = "-" + String(decoding: allowed.suffix(64), as: UTF8.self)
        var template = Array("\(directory)/zoosh-XXXXXX\(suffix)".utf8CString)
        let descriptor = mkstemps(&template, Int32(suffix.utf8.count))
        guard descriptor >= 0 else {
            throw ShellError(.localIO, "cannot make a file in \(directory): \(systemErrorText(errno))")
        }
        defer { LocalFile.close(descriptor) }
        path = template.withUnsafeBufferPointer { String(cString: $0.baseAddress!) }
        try Output.writeAll(data, to: descriptor)
    }

    func data() throws(ShellError) -> [UInt8] { try LocalFile.read(path) }

    func replace(with data: [UInt8]) throws(ShellError) {
        let descriptor = try LocalFile.create(path, appends: false, mode: 0o600)
        defer { LocalFile.close(descriptor) }
        try Output.writeAll(data, to: descriptor)
    }

    /// Says where the user's text is; a file that still holds `before` has nothing of theirs, and goes.
    func keep(unless before: [UInt8], _ tell: (String) -> Void) {
        if (try? data()) == before { remove() } else { tell("your text is in \(path)") }
    }

    func remove() {
        unlink(path)
    }

    /// - Parameter editor: a command line, which gets the name of the file after it.
    func edit(with editor: String, in shell: ShellContext) async throws -> ExitCode {
        try shell.session.output.flush()
        shell.session.diagnostics.holdNotices()
        defer { shell.session.diagnostics.releaseNotices() }
        return try await SystemCommand.runInForeground(["/bin/sh", "-c", editor + #" "$1""#, "edit", path])
    }

    /// Puts `mine` and `theirs` together; lines that both have changed stand between marks.
    func merge(mine: [UInt8], base: [UInt8], theirs: [UInt8]) async throws {
        let names = ["mine", "base", "theirs"]
        let files = try zip(names, [mine, base, theirs]).map { try EditedFile(data: $1, name: $0) }
        defer { for file in files { file.remove() } }
        let labels = names.flatMap { ["-L", $0] }
        let descriptor = try LocalFile.create(path, appends: false, mode: 0o600)
        defer { LocalFile.close(descriptor) }
        let status = try await SystemCommand.start(["diff3", "-m"] + labels + files.map(\.path), output: descriptor)
            .wait()
        // 1 is a conflict, which the marks show.
        guard status == .success || status == .failure else {
            throw ShellError(.failure, "diff3 cannot merge the texts")
        }
    }
}
