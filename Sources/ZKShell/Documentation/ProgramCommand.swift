/// A command of the program that is none of the shell's, such as `server`: it has its words before there is a shell.
public struct ProgramCommand: Sendable {
    public var name: String
    public var abstract: String
    public var schema: CommandSchema

    public init(name: String, abstract: String, schema: CommandSchema) {
        self.name = name
        self.abstract = abstract
        self.schema = schema
    }
}
