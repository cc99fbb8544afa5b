internal import Glibc
public import ShellLanguage

/// The manual pages and completion scripts, made from the declarations of the commands and their arguments.
///
/// They are part of the repository, so that a package can be made without running what was built for another machine;
/// a test compares them with what is made here.
public struct Documentation: Sendable {
    public enum Shell: String, Sendable, CaseIterable {
        case bash
        case zsh
        case fish
    }

    /// A file by its place in the repository.
    public struct File: Sendable {
        public var path: String
        public var text: String
    }

    private let programCommands: [ProgramCommand]
    private let configurationKeys: [(text: String, names: [String])]

    /// - Parameters:
    ///   - commands: `server`, `dev` and `bench`.
    ///   - configurationKeys: what the server does with the keys of a zoo.cfg, and which these are.
    public init(
        programCommands commands: [ProgramCommand], configurationKeys: [(text: String, names: [String])]
    ) {
        self.configurationKeys = configurationKeys
        programCommands =
            commands + [
                ProgramCommand(
                    name: "completion", abstract: "Print the completion script for a shell.",
                    schema: .of(CompletionArguments.self))
            ]
    }

    public func completionScript(for shell: Shell) -> String {
        let commands = CompletableCommand.all(programCommands)
        return switch shell {
        case .bash: BashCompletion.script(commands)
        case .zsh: ZshCompletion.script(commands)
        case .fish: FishCompletion.script(commands)
        }
    }

    public var files: [File] {
        [
            File(path: "man/zoosh.1", text: ShellManual.page(programCommands)),
            File(path: "man/zoosh-server.1", text: ServerManual.page(programCommands, configurationKeys)),
            File(path: "man/zoosh-config.5", text: ConfigManual.page()),
            File(path: "completions/zoosh.bash", text: completionScript(for: .bash)),
            File(path: "completions/_zoosh", text: completionScript(for: .zsh)),
            File(path: "completions/zoosh.fish", text: completionScript(for: .fish)),
        ]
    }

    /// Writes all files below `directory`.
    public func write(to directory: String) throws(ShellError) {
        for name in ["man", "completions", "Sources", "Sources/ZKShell", "Sources/ZKShell/Arguments"] {
            guard mkdir("\(directory)/\(name)", 0o755) == 0 || errno == EEXIST else {
                throw ShellError(.localIO, "\(directory)/\(name): \(systemErrorText(errno))")
            }
        }
        for file in files {
            let descriptor = try LocalFile.create("\(directory)/\(file.path)", appends: false)
            defer { LocalFile.close(descriptor) }
            try Output.writeAll(Array(file.text.utf8), to: descriptor)
        }
    }
}

extension Documentation {
    /// `zoosh completion bash`.
    public func printCompletion(_ words: [Word]) throws(ShellError) -> ExitCode {
        guard words.count == 1, let shell = Shell(rawValue: words[0].text) else {
            throw .usage("completion: name the shell: \(Shell.allCases.map(\.rawValue).joined(separator: ", "))")
        }
        return try ShellMain.print(completionScript(for: shell))
    }

    /// `zoosh generate-docs DIR`.
    public func generate(_ words: [Word]) throws(ShellError) -> ExitCode {
        guard words.count == 1 else { throw .usage("generate-docs: name the directory that has man and completions") }
        try write(to: words[0].text)
        return .success
    }
}

struct CompletionArguments: ParsableArguments {
    @Argument(help: "bash, zsh or fish.", completion: .list(Documentation.Shell.allCases.map(\.rawValue)))
    var shell: String
}
