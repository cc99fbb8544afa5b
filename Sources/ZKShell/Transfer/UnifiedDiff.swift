/// The difference of two texts, as `diff -u` writes it.
enum UnifiedDiff {
    private enum Edit {
        case keep(Substring)
        case remove(Substring)
        case insert(Substring)
    }

    private static let contextLines = 3
    /// Beyond it, texts are only said to differ: comparing takes time of the square of the lines.
    private static let linesMax = 20_000

    /// Empty for equal texts.
    static func text(_ a: String, _ b: String, names: (String, String)) -> String {
        let (old, new) = (lines(a), lines(b))
        guard old.count + new.count <= linesMax else { return "\(names.0) and \(names.1) differ\n" }
        let edits = edits(from: old, to: new)
        let hunks = hunks(of: edits)
        guard !hunks.isEmpty else { return "" }
        return "--- \(names.0)\n+++ \(names.1)\n" + hunks.map { text(of: $0, in: edits) }.joined()
    }

    private static func lines(_ text: String) -> [Substring] {
        var lines = text.split(separator: "\n", omittingEmptySubsequences: false)
        if lines.last?.isEmpty == true { lines.removeLast() }
        return lines
    }

    private static func edits(from old: [Substring], to new: [Substring]) -> [Edit] {
        let difference = new.difference(from: old) { $0.utf8.elementsEqual($1.utf8) }
        var removed: Set<Int> = []
        var inserted: Set<Int> = []
        for change in difference {
            switch change {
            case .remove(let offset, _, _): removed.insert(offset)
            case .insert(let offset, _, _): inserted.insert(offset)
            }
        }
        var edits: [Edit] = []
        var (oldIndex, newIndex) = (0, 0)
        while oldIndex < old.count || newIndex < new.count {
            if removed.contains(oldIndex) {
                edits.append(.remove(old[oldIndex]))
                oldIndex += 1
            } else if inserted.contains(newIndex) {
                edits.append(.insert(new[newIndex]))
                newIndex += 1
            } else {
                edits.append(.keep(old[oldIndex]))
                oldIndex += 1
                newIndex += 1
            }
        }
        return edits
    }

    /// Ranges of edits: the changes with the lines around them.
    private static func hunks(of edits: [Edit]) -> [Range<Int>] {
        var hunks: [Range<Int>] = []
        for (index, edit) in edits.enumerated() {
            if case .keep = edit { continue }
            let range = max(0, index - contextLines)..<min(edits.count, index + contextLines + 1)
            if let last = hunks.last, last.upperBound >= range.lowerBound {
                hunks[hunks.count - 1] = last.lowerBound..<range.upperBound
            } else {
                hunks.append(range)
            }
        }
        return hunks
    }

    private static func text(of hunk: Range<Int>, in edits: [Edit]) -> String {
        var (oldStart, newStart) = (1, 1)
        for edit in edits[..<hunk.lowerBound] {
            if case .insert = edit {} else { oldStart += 1 }
            if case .remove = edit {} else { newStart += 1 }
        }
        var (oldCount, newCount) = (0, 0)
        var body = ""
        for edit in edits[hunk] {
            switch edit {
            case .keep(let line):
                oldCount += 1
                newCount += 1
                body += " \(line)\n"
            case .remove(let line):
                oldCount += 1
                body += "-\(line)\n"
            case .insert(let line):
                newCount += 1
                body += "+\(line)\n"
            }
        }
        return "@@ -\(range(oldStart, oldCount)) +\(range(newStart, newCount)) @@\n" + body
    }

    private static func range(_ start: Int, _ count: Int) -> String {
        count == 1 ? "\(start)" : "\(count == 0 ? start - 1 : start),\(count)"
    }
}
