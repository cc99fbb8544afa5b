public import ShellLanguage

/// A command of the shell: one file in `Commands/`, one type, one line in ``shellCommands``.
///
/// Its properties are declared with `@Flag`, `@Option`, `@Argument` and `@OptionGroup`.
/// Parsing, help, the man pages, completion scripts and TAB all come from that declaration. A command only works: it
/// prints through the context, throws ``ShellError`` or what the client throws, and keeps no state.
public protocol ShellCommand: ParsableArguments {
    static var declaration: CommandDeclaration { get }

    /// Runs the command. It is cancelled by Ctrl-C: long work checks `Task.isCancelled` or awaits something that does.
    func run(in shell: ShellContext) async throws
}
