/// The prompt: `[%h:%p%c] %w> ` unless the user wants another.
struct PromptFormat {
    static let standard = "[%h:%p%c]%{ (%s)%} %w> "
    static let continuation = "…> "

    /// What the letters of a format stand for.
    struct Values {
        var host = ""
        var port = ""
        var chroot = ""
        var workingPath = "/"
        /// Empty when all is well, else such as `CONNECTING`.
        var state = ""
        var sessionID = ""
        var commandNumber = 0
        var identities = ""
        var lastStatus: Int32 = 0
    }

    let format: String

    /// - Parameter isColored: whether `%[red]` and the like have an effect.
    func text(_ values: Values, isColored: Bool) -> String {
        var result = ""
        var rest = format[...]
        while let character = rest.popFirst() {
            guard character == "%", let letter = rest.popFirst() else {
                result.append(character)
                continue
            }
            switch letter {
            case "h": result += TerminalText.escaped(values.host)
            case "p": result += values.port
            case "c": result += TerminalText.escaped(values.chroot)
            case "w": result += TerminalText.escaped(values.workingPath)
            case "s": result += values.state
            case "i": result += values.sessionID
            case "n": result += String(values.commandNumber)
            case "u": result += TerminalText.escaped(values.identities)
            case "?": result += String(values.lastStatus)
            case "%": result += "%"
            case "{": result += group(&rest, values, isColored: isColored)
            default: result += "%\(letter)"
            }
        }
        return result
    }

    /// `%{red%}`: a colour. `%{ (%s)%}`: shown only when what it stands for is not empty.
    private func group(_ rest: inout Substring, _ values: Values, isColored: Bool) -> String {
        guard let end = rest.firstRange(of: "%}") else { return "%{" }
        let body = rest[..<end.lowerBound]
        rest = rest[end.upperBound...]
        if let code = Self.colors[String(body)] { return isColored ? "\u{1}\u{1B}[\(code)m\u{2}" : "" }
        guard body.contains("%s") else { return PromptFormat(format: String(body)).text(values, isColored: isColored) }
        return values.state.isEmpty ? "" : PromptFormat(format: String(body)).text(values, isColored: isColored)
    }

    private static let colors = [
        "red": "31", "green": "32", "yellow": "33", "blue": "34", "magenta": "35", "cyan": "36", "bold": "1",
        "dim": "2", "reset": "0",
    ]
}
