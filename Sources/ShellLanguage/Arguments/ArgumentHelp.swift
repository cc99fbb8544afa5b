/// What help, man pages and completions say of an argument.
public struct ArgumentHelp: ExpressibleByStringInterpolation, Sendable {
    public var abstract: String
    /// What stands for the value in a synopsis, in lower case. Nil: the name of the argument.
    public var valueName: String?
    /// Accepted, and told to nobody.
    public var isHidden: Bool

    public init(_ abstract: String, valueName: String? = nil, isHidden: Bool = false) {
        self.abstract = abstract
        self.valueName = valueName
        self.isHidden = isHidden
    }

    public init(stringLiteral value: String) {
        self.init(value)
    }
}
