/// A JAAS login configuration, as Java's `java.security.auth.login.config` names it.
///
/// ```
/// Server {
///     org.apache.zookeeper.server.auth.DigestLoginModule required
///     user_bob="secret";
/// };
/// ```
package struct JAASConfiguration: Sendable {
    package struct Module: Sendable {
        package var className: String
        package var options: [String: String]
    }

    package private(set) var sections: [String: [Module]] = [:]

    package init(_ text: String) throws(JAASError) {
        var tokens = try JAASTokens(text)
        while let name = tokens.next() {
            var modules: [Module] = []
            try tokens.expect("{")
            while !tokens.takes("}") { modules.append(try Self.module(&tokens)) }
            try tokens.expect(";")
            sections[name.text] = modules
        }
    }

    /// A class, a flag such as `required`, options, a semicolon.
    private static func module(_ tokens: inout JAASTokens) throws(JAASError) -> Module {
        var module = Module(className: try tokens.word("the class of a login module"), options: [:])
        _ = try tokens.word("a flag such as required")
        while !tokens.takes(";") {
            let key = try tokens.word("an option or a semicolon")
            try tokens.expect("=")
            module.options[key] = try tokens.word("the value of \(key)")
        }
        return module
    }
}

/// Where a JAAS file cannot be understood. Never quotes it: it holds passwords.
package struct JAASError: Error, Hashable {
    package let line: Int
    package let reason: String
}

private struct JAASTokens {
    struct Token {
        var text: String
        var isQuoted: Bool
        var line: Int
    }

    private var tokens: [Token] = []
    private var position = 0
    private var line = 1

    init(_ text: String) throws(JAASError) {
        var rest = text.unicodeScalars[...]
        while let scalar = rest.first {
            switch scalar {
            case "\n":
                line += 1
                rest.removeFirst()
            case " ", "\t", "\r": rest.removeFirst()
            case "{", "}", ";", "=":
                add(String(scalar), isQuoted: false)
                rest.removeFirst()
            case "\"": try takeQuoted(&rest)
            case "#": skipLine(&rest)
            case "/" where rest.dropFirst().first == "/": skipLine(&rest)
            case "/" where rest.dropFirst().first == "*": try skipComment(&rest)
            default: takeWord(&rest)
            }
        }
        line = tokens.last?.line ?? line
    }

    private mutating func add(_ text: String, isQuoted: Bool) {
        tokens.append(Token(text: text, isQuoted: isQuoted, line: line))
    }

    private func skipLine(_ rest: inout String.UnicodeScalarView.SubSequence) {
        rest = rest.drop { $0 != "\n" }
    }

    private mutating func skipComment(_ rest: inout String.UnicodeScalarView.SubSequence) throws(JAASError) {
        let start = line
        rest = rest.dropFirst(2)
        while let scalar = rest.popFirst() {
            if scalar == "\n" { line += 1 }
            if scalar == "*", rest.first == "/" {
                rest.removeFirst()
                return
            }
        }
        throw JAASError(line: start, reason: "a comment does not end")
    }

    private mutating func takeQuoted(_ rest: inout String.UnicodeScalarView.SubSequence) throws(JAASError) {
        rest.removeFirst()
        var text = String.UnicodeScalarView()
        while let scalar = rest.popFirst(), scalar != "\n" {
            if scalar == "\"" {
                add(String(text), isQuoted: true)
                return
            }
            if scalar == "\\", let escaped = rest.popFirst() {
                text.append(escaped)
            } else {
                text.append(scalar)
            }
        }
        throw JAASError(line: line, reason: "a quotation does not end")
    }

    private mutating func takeWord(_ rest: inout String.UnicodeScalarView.SubSequence) {
        let end = rest.firstIndex { " \t\r\n{};=\"".unicodeScalars.contains($0) } ?? rest.endIndex
        add(String(rest[..<end]), isQuoted: false)
        rest = rest[end...]
    }

    mutating func next() -> Token? {
        guard position < tokens.count else { return nil }
        defer { position += 1 }
        line = tokens[position].line
        return tokens[position]
    }

    mutating func takes(_ mark: String) -> Bool {
        guard position < tokens.count, !tokens[position].isQuoted, tokens[position].text == mark else { return false }
        position += 1
        return true
    }

    mutating func expect(_ mark: String) throws(JAASError) {
        guard takes(mark) else { throw JAASError(line: line, reason: "\(mark) is missing") }
    }

    mutating func word(_ what: String) throws(JAASError) -> String {
        guard let token = next(), token.isQuoted || !["{", "}", ";", "="].contains(token.text) else {
            throw JAASError(line: line, reason: "\(what) is missing")
        }
        return token.text
    }
}
