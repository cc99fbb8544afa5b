internal import ZKText

/// The prompt: `[%h:%p%c] %w> ` unless the user wants another.
struct PromptFormat {
    static let standard = "[%h:%p%c]%{ (%s)%} %w> "
    /// Without a server: the name of the files, and the moment.
    static let offline = "[offline %h @%p] %w> "
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

    /// - Parameter isColored: whether `%{red%}` and the like have an effect.
    func text(_ values: Values, isColored: Bool) -> String {
        var result = ""
        var rest = format[...]
        while let character = rest.popFirst() {
            guard character == "%", let letter = rest.popFirst() else {
                result.append(character)
                continue
            }
            switch letter {
            case "%": result += "%"
            case "{": result += group(&rest, values, isColored: isColored)
            default: result += Self.value(of: letter, values) ?? "%\(letter)"
            }
        }
        return result
    }

    /// What `letter` stands for; nil for one that stands for nothing.
    private static func value(of letter: Character, _ values: Values) -> String? {
        switch letter {
        case "h": TerminalText.escaped(values.host)
        case "p": values.port
        case "c": TerminalText.escaped(values.chroot)
        case "w": TerminalText.escaped(values.workingPath)
        case "s": values.state
        case "i": values.sessionID
        case "n": String(values.commandNumber)
        case "u": TerminalText.escaped(values.identities)
        case "?": String(values.lastStatus)
        default: nil
        }
    }

    /// `%{red%}`: a colour. `%{ (%s)%}`, `%{[%?] %}`: shown only when there is a state, or a status other than 0.
    private func group(_ rest: inout Substring, _ values: Values, isColored: Bool) -> String {
        guard let end = rest.firstRange(of: "%}") else { return "%{" }
        let body = String(rest[..<end.lowerBound])
        rest = rest[end.upperBound...]
        if let code = Self.colors[body] { return isColored ? "\u{1}\u{1B}[\(code)m\u{2}" : "" }
        return Self.isEmpty(body, values) ? "" : PromptFormat(format: body).text(values, isColored: isColored)
    }

    /// Whether something that `body` shows is not there.
    private static func isEmpty(_ body: String, _ values: Values) -> Bool {
        var rest = body[...]
        while let character = rest.popFirst() {
            guard character == "%", let letter = rest.popFirst() else { continue }
            if letter == "?" ? values.lastStatus == 0 : value(of: letter, values)?.isEmpty == true { return true }
        }
        return false
    }

    private static let colors = [
        "red": "31", "green": "32", "yellow": "33", "blue": "34", "magenta": "35", "cyan": "36", "bold": "1",
        "dim": "2", "reset": "0",
    ]
}
