/// A pattern for one name: `*`, `?`, `[a-z]`, `[!a-z]`; behind a backslash each stands for itself.
public struct GlobPattern: Hashable, Sendable {
    enum Token: Hashable, Sendable {
        case literal(Unicode.Scalar)
        case anyOne
        case anyRun
        case oneOf([ClosedRange<Unicode.Scalar>], isNegated: Bool)
    }

    let tokens: [Token]

    init(tokens: [Token]) {
        self.tokens = tokens
    }

    /// A pattern whose quoting is gone, such as the value of `--name`: a backslash in it takes the meaning of what follows.
    public init(_ text: String) {
        var scalars: [(scalar: Unicode.Scalar, isLiteral: Bool)] = []
        var isEscaped = false
        for scalar in text.unicodeScalars {
            if scalar == "\\", !isEscaped {
                isEscaped = true
            } else {
                scalars.append((scalar, isEscaped))
                isEscaped = false
            }
        }
        if isEscaped { scalars.append(("\\", true)) }
        self.init(scalars: scalars)
    }

    /// - Parameter scalars: each with whether it was quoted.
    init(scalars: [(scalar: Unicode.Scalar, isLiteral: Bool)]) {
        var tokens: [Token] = []
        var index = 0
        while index < scalars.count {
            let (scalar, isLiteral) = scalars[index]
            index += 1
            switch scalar {
            case "*" where !isLiteral:
                if tokens.last != .anyRun { tokens.append(.anyRun) }
            case "?" where !isLiteral: tokens.append(.anyOne)
            case "[" where !isLiteral:
                if let (token, end) = Self.set(in: scalars, from: index) {
                    tokens.append(token)
                    index = end
                } else {
                    tokens.append(.literal(scalar))
                }
            default: tokens.append(.literal(scalar))
            }
        }
        self.init(tokens: tokens)
    }

    /// The set that starts after a `[`, and the index after its `]`; nil when it has no end, or nothing in it.
    private static func set(
        in scalars: [(scalar: Unicode.Scalar, isLiteral: Bool)], from start: Int
    ) -> (Token, Int)? {
        var index = start
        var isNegated = false
        if index < scalars.count, !scalars[index].isLiteral,
            scalars[index].scalar == "!" || scalars[index].scalar == "^"
        {
            isNegated = true
            index += 1
        }
        var ranges: [ClosedRange<Unicode.Scalar>] = []
        while index < scalars.count {
            let (scalar, isLiteral) = scalars[index]
            if scalar == "]", !isLiteral, !ranges.isEmpty { return (.oneOf(ranges, isNegated: isNegated), index + 1) }
            if index + 2 < scalars.count, scalars[index + 1].scalar == "-", !scalars[index + 1].isLiteral,
                scalars[index + 2].scalar != "]" || scalars[index + 2].isLiteral
            {
                let last = scalars[index + 2].scalar
                guard scalar <= last else { return nil }
                ranges.append(scalar...last)
                index += 3
            } else {
                ranges.append(scalar...scalar)
                index += 1
            }
        }
        return nil
    }

    /// Whether the pattern stands for more than one name.
    var isLiteral: Bool {
        tokens.allSatisfy { if case .literal = $0 { true } else { false } }
    }

    /// The name that a pattern without special characters stands for.
    var literalText: String {
        var text = String.UnicodeScalarView()
        for case .literal(let scalar) in tokens { text.append(scalar) }
        return String(text)
    }

    public func matches(_ name: String) -> Bool {
        let scalars = Array(name.unicodeScalars)
        var token = 0
        var scalar = 0
        var retry: (token: Int, scalar: Int)?
        while scalar < scalars.count {
            if token < tokens.count, case .anyRun = tokens[token] {
                retry = (token + 1, scalar)
                token += 1
            } else if token < tokens.count, tokens[token].matches(scalars[scalar]) {
                token += 1
                scalar += 1
            } else if let (afterRun, taken) = retry {
                retry = (afterRun, taken + 1)
                token = afterRun
                scalar = taken + 1
            } else {
                return false
            }
        }
        return tokens[token...].allSatisfy { $0 == .anyRun }
    }
}

extension GlobPattern.Token {
    fileprivate func matches(_ scalar: Unicode.Scalar) -> Bool {
        switch self {
        case .literal(let own): own == scalar
        case .anyOne: true
        case .anyRun: false
        case .oneOf(let ranges, let isNegated): ranges.contains { $0.contains(scalar) } != isNegated
        }
    }
}
