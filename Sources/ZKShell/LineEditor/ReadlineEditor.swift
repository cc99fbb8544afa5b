internal import CReadline
internal import Glibc
internal import ZKText

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
    /// How much of each match stands before the word.
    fileprivate var shownOffset = 0
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
        zoosh_rl_configure(outputStream, completeLine, wordBreaks, displayMatches)
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
        var information = stat()
        guard stat(file.path, &information) == 0, information.st_mode & S_IFMT == S_IFREG else { return }
        history_truncate_file(file.path, Int32(entriesMax))
        // It is a new file now.
        chmod(file.path, information.st_mode & 0o7777)
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
    let line = lineBytes()
    var list = editor.complete(line, Int(end))
    let wordStart = CompletionContext(line: Array(line.prefix(Int(end)))).wordStart
    guard wordStart >= Int(start) else { return nil }
    let prefix = Array(line[Int(start)..<wordStart])
    list.candidates = list.candidates.map { prefix + $0 }
    list.commonPrefix = prefix + list.commonPrefix
    editor.shownOffset = prefix.count
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

/// The bytes between words. Where a blank belongs to the word at the cursor, readline would take what stands behind it for
/// the word: then it gets the whole line for one, and ``completeLine(_:_:_:)`` puts the line in front of what it finds.
private func wordBreaks() -> UnsafeMutablePointer<CChar>? {
    let before = Array(lineBytes().prefix(Int(zoosh_rl_point())))
    let wordStart = CompletionContext(line: before).wordStart
    return before[wordStart...].contains { $0.isBlankOrNewline } ? noBytes : blanks
}

// Never changed, and never given back: readline keeps them.
nonisolated(unsafe) private let blanks = strdup(" \t\n")
nonisolated(unsafe) private let noBytes = strdup("")

/// Lists the matches by their last components, control characters made harmless.
private func displayMatches(
    _ matches: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>?, _ count: Int32, _ longest: Int32
) {
    guard let matches, count > 0 else { return }
    let offset = ReadlineEditor.current?.shownOffset ?? 0
    let names = (1...Int(count)).compactMap { matches[$0] }
        .map { CompletionList.shownName(String(cString: $0 + min(offset, strlen($0)))) }
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

/// Opens the line in the user's editor; what is saved becomes the line.
private func editLine(_ count: Int32, _ key: Int32) -> Int32 {
    let line = lineBytes()
    zoosh_rl_suspend()
    defer { zoosh_rl_resume() }
    guard let file = try? EditedFile(data: line, name: "line") else { return 0 }
    let editor = UserEditor.command { getenv($0).map { String(cString: $0) } }
    let status = try? SystemCommand.runBlocking(["/bin/sh", "-c", editor + #" "$1""#, "edit", file.path])
    guard status == .success, var bytes = try? file.data() else {
        file.keep(unless: line) { ReadlineEditor.current?.printAbove([$0]) }
        return 0
    }
    file.remove()
    while bytes.last == .newline { bytes.removeLast() }
    zoosh_rl_replace_line(bytes.map { CChar(bitPattern: $0) } + [0])
    return 0
}
