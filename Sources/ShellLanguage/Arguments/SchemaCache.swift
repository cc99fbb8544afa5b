import Synchronization

/// Schemas by the type of their command, each made once: a script asks for one on every line.
final class SchemaCache: Sendable {
    private let schemas = Mutex<[ObjectIdentifier: CommandSchema]>([:])

    func schema(of command: any ParsableArguments.Type, make: () -> CommandSchema) -> CommandSchema {
        let key = ObjectIdentifier(command)
        if let schema = schemas.withLock({ $0[key] }) { return schema }
        let schema = make()
        schemas.withLock { $0[key] = schema }
        return schema
    }
}
