/// The lines of a Java properties file, in their order: comments, continued lines and escapes as `Properties.load`.
package enum JavaProperties {
    package static func parse(_ text: String) -> [(key: String, value: String)] {
        var entries: [(key: String, value: String)] = []
        for line in logicalLines(text) {
            let (key, value) = split(line)
            entries.append((unescape(key), unescape(value)))
        }
        return entries
    }

    /// Joins lines that end in an odd number of backslashes; drops blank ones and comments.
    private static func logicalLines(_ text: String) -> [Substring.UnicodeScalarView] {
        var lines: [Substring.UnicodeScalarView] = []
        var pending: String.UnicodeScalarView?
        for raw in text.split(omittingEmptySubsequences: false, whereSeparator: \.isNewline) {
            let line = raw.unicodeScalars.drop(while: isBlank)
            if pending == nil, line.isEmpty || line.first == "#" || line.first == "!" { continue }
            var whole = pending ?? String.UnicodeScalarView()
            let slashes = line.reversed().prefix { $0 == "\\" }.count
            if slashes % 2 == 1 {
                whole.append(contentsOf: line.dropLast())
                pending = whole
            } else {
                whole.append(contentsOf: line)
                lines.append(whole[...])
                pending = nil
            }
        }
        if let pending { lines.append(pending[...]) }
        return lines
    }

    private static func split(
        _ line: Substring.UnicodeScalarView
    ) -> (Substring.UnicodeScalarView, Substring.UnicodeScalarView) {
        var index = line.startIndex
        var isEscaped = false
        while index < line.endIndex {
            let scalar = line[index]
            if !isEscaped, scalar == "=" || scalar == ":" || isBlank(scalar) { break }
            isEscaped = !isEscaped && scalar == "\\"
            index = line.index(after: index)
        }
        var rest = line[index...].drop(while: isBlank)
        if rest.first == "=" || rest.first == ":" { rest = rest.dropFirst().drop(while: isBlank) }
        return (line[..<index], rest)
    }

    private static func unescape(_ text: Substring.UnicodeScalarView) -> String {
        var result = String.UnicodeScalarView()
        var scalars = text.makeIterator()
        while let scalar = scalars.next() {
            guard scalar == "\\", let escaped = scalars.next() else {
                if scalar != "\\" { result.append(scalar) }
                continue
            }
            switch escaped {
            case "t": result.append("\t")
            case "n": result.append("\n")
            case "r": result.append("\r")
            case "f": result.append("\u{C}")
            case "u":
                let digits = String(String.UnicodeScalarView((0..<4).compactMap { _ in scalars.next() }))
                if let value = UInt32(digits, radix: 16), let scalar = Unicode.Scalar(value) { result.append(scalar) }
            default: result.append(escaped)
            }
        }
        return String(result)
    }

    private static func isBlank(_ scalar: Unicode.Scalar) -> Bool {
        scalar == " " || scalar == "\t" || scalar == "\u{C}"
    }
}
