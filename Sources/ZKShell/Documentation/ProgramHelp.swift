/// The help of a command of the program that is none of the shell's, for `help` in the shell.
public struct ProgramHelp: Sendable {
    public var name: String
    public var abstract: String
    /// Made when it is asked for.
    public var text: @Sendable () -> String

    public init(name: String, abstract: String, text: @escaping @Sendable () -> String) {
        self.name = name
        self.abstract = abstract
        self.text = text
    }
}
