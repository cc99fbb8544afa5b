import Foundation

/// What a shell printed for each line of a script, told apart by markers between the lines.
///
/// The markers are commands that both shells have: one that prints a number to stdout and one whose error names it.
struct Transcript {
    struct Answer: Equatable {
        var output = ""
        var errors = ""
    }

    /// By the number of the line.
    let answers: [Answer]
    /// What each event of a znode was, and where. They belong to no line: zkCli prints them from a thread of its own, in
    /// two pieces, and any line's answer may come in between.
    let events: [String]

    /// The script for `lines`. It creates the znodes that the markers need.
    static func script(_ lines: [String]) -> String {
        var script = ["create /mark x"]
        script += (0...lines.count).map { "create /mark/\($0) mark-\($0)" }
        for (index, line) in lines.enumerated() { script += [marker(index), line] }
        return (script + [marker(lines.count), "quit", ""]).joined(separator: "\n")
    }

    private static func marker(_ index: Int) -> String { "get /mark/\(index)\nls /mark/none-\(index)" }

    init(output: String, errors: String, lineCount: Int) {
        events = output.matches(of: String.watchedEvent).map { String($0.output.1) }
            .filter { !$0.hasPrefix("type:None") }
        let outputs = Self.cut(output.withoutEvents, at: /(?m)^mark-(\d+)\n/)
        let errors = Self.cut(
            errors.replacing(/(?m)^event: .*\n/, with: ""), at: /(?m)^.*\/mark\/none-(\d+).*\n/)
        answers = (0..<lineCount).map { Answer(output: outputs[$0] ?? "(nothing)", errors: errors[$0] ?? "(nothing)") }
    }

    private static func cut(_ text: String, at marker: Regex<(Substring, Substring)>) -> [Int: String] {
        var parts: [Int: String] = [:]
        let marks = text.matches(of: marker)
        for (index, mark) in marks.enumerated() {
            guard let number = Int(mark.output.1) else { continue }
            let end = index + 1 < marks.count ? marks[index + 1].range.lowerBound : text.endIndex
            parts[number] = String(text[mark.range.upperBound..<end])
        }
        return parts
    }
}

extension String {
    static var watchedEvent: Regex<(Substring, Substring, Substring?)> {
        /\nWatchedEvent state:\w+ (type:\w+ path:\S+)( zxid: -?\d+)?\n/
    }

    /// Without what zkCli prints for events.
    var withoutEvents: String {
        replacing(/\nWATCHER::\n/, with: "").replacing(Self.watchedEvent, with: "")
    }

    /// Without what cannot be the same: times, zxids, and session IDs.
    var normalized: String {
        let text = replacing(/0x[0-9a-f]+/, with: "0xN")
            .replacing(/[cm]time = .*/, with: "time")
        // Below 3.9, `ls -R` lists level by level.
        let lines = text.split(separator: "\n", omittingEmptySubsequences: false)
        return lines.dropLast().allSatisfy { $0.hasPrefix("/") }
            ? lines.sorted().joined(separator: "\n") : text
    }
}
