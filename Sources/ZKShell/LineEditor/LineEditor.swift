/// Edits one line after the other at a prompt. All calls are on the main thread.
protocol LineEditor: AnyObject {
    /// Shows the prompt and takes the terminal.
    func begin(prompt: String)
    /// Gives the terminal back, so that commands and their children have it as they found it.
    func end()
    /// Takes what was typed. Called when stdin is readable.
    func takeInput() -> LineEditorEvent?
    /// Prints whole lines above the line that is being edited.
    func printAbove(_ lines: [String])
    func change(prompt: String)
    /// Ctrl-C: an empty line.
    func interrupt()
    /// The terminal has another size.
    func resize()
    /// Around a stop by Ctrl-Z.
    func suspend()
    func resume()
}

enum LineEditorEvent: Equatable {
    /// Pasted text may have several lines.
    case line([UInt8])
    /// Ctrl-D on an empty line, or the terminal is gone.
    case endOfInput
}
