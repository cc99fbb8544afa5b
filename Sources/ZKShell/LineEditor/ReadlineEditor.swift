internal import CReadline
internal import Glibc

/// GNU readline through its callback interface.
///
/// Readline keeps its state in globals and is not thread-safe: there is one editor, on the main thread.
final class ReadlineEditor: LineEditor {
    /// What TAB finds; called within ``takeInput()``.
    typealias Complete = (_ line: [UInt8], _ point: Int) -> CompletionList
    /// A line of help for the command of `line`.
    typealias Help = (_ line: [UInt8]) -> String?

    // Only the main thread reads and writes it; readline's callbacks have no other way to find the editor.
    nonisolated(unsafe) fileprivate static weak var current: ReadlineEditor?

    fileprivate let complete: Complete
    fileprivate let help: Help
    /// What C-x s inserts.
    fileprivate let workingPath: () -> String
    fileprivate var event: LineEditorEvent?
    fileprivate var isListCut = false
    private let outputStream: UnsafeMutablePointer<FILE>?
    private var isEditing = false

    /// - Parameter outputDescriptor: where the prompt goes: never into a pipe that reads stdout.
    init(
        outputDescriptor: Int32, complete: @escaping Complete, help: @escaping Help, workingPath: @escaping () -> String
    ) {
        self.complete = complete
        self.help = help
        self.workingPath = workingPath
        outputStream = fdopen(dup(outputDescriptor), "w")
        Self.current = self
        zoosh_rl_configure(outputStream, completeLine, isQuoted, displayMatches)
        rl_initialize()
        zoosh_rl_add("zoosh-help", showHelp, "\\C-xh")
        for keys in ["\\eOP", "\\e[11~", "\\e[[A"] { rl_bind_keyseq_if_unbound(keys, showHelp) }
        zoosh_rl_add("zoosh-insert-path", insertWorkingPath, "\\C-xs")
        zoosh_rl_add("zoosh-edit-line", editLine, "\\C-x\\C-e")
    }

    func begin(prompt: String) {
        event = nil
        isEditing = true
        rl_reset_screen_size()
        rl_callback_handler_install(prompt, takeLine)
    }

    func end() {
        guard isEditing else { return }
        isEditing = false
        rl_callback_handler_remove()
    }

    func takeInput() -> LineEditorEvent? {
        event = nil
        rl_callback_read_char()
        // Where pastes are bracketed readline ends the row itself.
        if event == .endOfInput, rl_variable_value("enable-bracketed-paste").map({ String(cString: $0) }) != "on" {
            fputs("\n", outputStream)
            fflush(outputStream)
        }
        if event != nil { isEditing = false }
        return event
    }

    func printAbove(_ lines: [String]) {
        guard isEditing else { return }
        zoosh_rl_print_above(lines.map { $0 + "\n" }.joined())
    }

    func change(prompt: String) {
        if isEditing { zoosh_rl_change_prompt(prompt) }
    }

    func interrupt() {
        if isEditing { zoosh_rl_interrupt() }
    }

    func resize() {
        if isEditing { rl_resize_terminal() }
    }

    func suspend() {
        if isEditing { zoosh_rl_suspend() }
    }

    func resume() {
        if isEditing { zoosh_rl_resume() }
    }
}

// MARK: History

extension ReadlineEditor {
    /// What the arrow keys and C-r find.
    func loadHistory(file: String, entriesMax: Int) {
        stifle_history(Int32(entriesMax))
        _ = read_history(file)
    }

    func addHistory(_ line: String) {
        add_history(line)
    }

    func clearHistory() {
        clear_history()
    }

    /// The entries, oldest first.
    var history: [String] {
        guard var entry = history_list() else { return [] }
        var lines: [String] = []
        while let pointer = entry.pointee {
            if let line = pointer.pointee.line { lines.append(String(cString: line)) }
            entry += 1
        }
        return lines
    }

    /// Keeps the newest entries of the file only.
    func truncateHistory(_ file: HistoryFile, entriesMax: Int) {
        history_truncate_file(file.path, Int32(entriesMax))
        chmod(file.path, 0o600)
    }
}

// MARK: Readline's callbacks

/// Takes the finished line. Removing the handler here keeps readline from showing the prompt while a command runs.
private func takeLine(_ line: UnsafeMutablePointer<CChar>?) {
    rl_callback_handler_remove()
    guard let line else {
        ReadlineEditor.current?.event = .endOfInput
        return
    }
    let bytes = UnsafeBufferPointer(start: line, count: strlen(line)).map { UInt8(bitPattern: $0) }
    free(line)
    ReadlineEditor.current?.event = .line(bytes)
}

private func lineBytes() -> [UInt8] {
    guard let line = zoosh_rl_line() else { return [] }
    return UnsafeBufferPointer(start: line, count: Int(zoosh_rl_end())).map { UInt8(bitPattern: $0) }
}

private func completeLine(
    _ text: UnsafePointer<CChar>?, _ start: Int32, _ end: Int32
) -> UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>? {
    zoosh_rl_completion_done(0)
    guard let editor = ReadlineEditor.current else { return nil }
    let list = editor.complete(lineBytes(), Int(end))
    editor.isListCut = list.isCut
    guard !list.candidates.isEmpty else { return nil }
    zoosh_rl_completion_done(Int32(list.appended ?? 0))
    // The first entry is what all matches have in common; readline frees the array and its strings.
    let texts = list.candidates.count == 1 ? [list.candidates[0]] : [list.commonPrefix] + list.candidates
    let size = MemoryLayout<UnsafeMutablePointer<CChar>?>.stride * (texts.count + 1)
    guard let memory = malloc(size) else { return nil }
    let matches = memory.bindMemory(to: UnsafeMutablePointer<CChar>?.self, capacity: texts.count + 1)
    for (index, text) in texts.enumerated() {
        matches[index] = strndup(text.map { CChar(bitPattern: $0) }, text.count)
    }
    matches[texts.count] = nil
    return matches
}

/// Whether the blank at `index` belongs to a word.
private func isQuoted(_ text: UnsafeMutablePointer<CChar>?, _ index: Int32) -> Int32 {
    guard let text else { return 0 }
    let bytes = UnsafeBufferPointer(start: text, count: Int(index)).map { UInt8(bitPattern: $0) }
    return CompletionContext(line: bytes).isInsideWord ? 1 : 0
}

/// Lists the matches by their last components, control characters made harmless.
private func displayMatches(
    _ matches: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>?, _ count: Int32, _ longest: Int32
) {
    guard let matches, count > 0 else { return }
    let names = (1...Int(count)).compactMap { matches[$0] }.map { CompletionList.shownName(String(cString: $0)) }
    var pointers: [UnsafeMutablePointer<CChar>?] = [strdup("")] + names.map { strdup($0) } + [nil]
    defer { for pointer in pointers { free(pointer) } }
    let width = names.map(\.utf8.count).max() ?? 0
    pointers.withUnsafeMutableBufferPointer { buffer in
        rl_display_match_list(buffer.baseAddress, count, Int32(width))
    }
    if ReadlineEditor.current?.isListCut == true {
        zoosh_rl_print_remark("(only the first \(count) are shown)")
    }
    rl_forced_update_display()
}

private func showHelp(_ count: Int32, _ key: Int32) -> Int32 {
    if let editor = ReadlineEditor.current, let text = editor.help(lineBytes()) { editor.printAbove([text]) }
    return 0
}

private func insertWorkingPath(_ count: Int32, _ key: Int32) -> Int32 {
    if let editor = ReadlineEditor.current { rl_insert_text(editor.workingPath()) }
    return 0
}

/// Opens the line in `$VISUAL` or `$EDITOR`; what is saved becomes the line.
private func editLine(_ count: Int32, _ key: Int32) -> Int32 {
    let line = lineBytes()
    zoosh_rl_suspend()
    defer { zoosh_rl_resume() }
    var template = Array("/tmp/zoosh-line-XXXXXX".utf8CString)
    let descriptor = mkstemp(&template)
    guard descriptor >= 0 else { return 0 }
    let path = template.withUnsafeBufferPointer { String(cString: $0.baseAddress!) }
    defer { unlink(path) }
    _ = line.withUnsafeBytes { write(descriptor, $0.baseAddress, $0.count) }
    close(descriptor)
    let editor = [getenv("VISUAL"), getenv("EDITOR")].compactMap { $0.map { String(cString: $0) } }.first ?? "vi"
    let status = try? SystemCommand.runBlocking(["/bin/sh", "-c", editor + #" "$1""#, "edit", path])
    guard status == .success, let file = fopen(path, "r") else { return 0 }
    defer { fclose(file) }
    var bytes = [CChar](repeating: 0, count: 1 << 16)
    let length = fread(&bytes, 1, bytes.count - 1, file)
    bytes[length] = 0
    while let last = bytes[..<length].last(where: { $0 != 0 }), last == 10, let end = bytes.firstIndex(of: 0), end > 0 {
        bytes[end - 1] = 0
    }
    zoosh_rl_replace_line(bytes)
    return 0
}
