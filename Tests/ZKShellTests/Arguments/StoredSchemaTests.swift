import Testing

@testable import ZKShell

/// What a release reads instead of asking swift-argument-parser.
struct StoredSchemaTests {
    @Test func equalTheDeclarations() throws {
        for type in StoredSchemas.types {
            let text = try #require(storedSchema("\(type)"), "\(type) is missing: `make manuals`")
            let declared = CommandSchema.of(type)
            let stored = CommandSchema(stored: text)
            #expect(stored.storedText == declared.storedText, "\(type): `make manuals`")
            #expect(stored.positionals == declared.positionals)
            #expect(stored.namedByBytes == declared.namedByBytes)
            #expect(stored.needsAllRemaining == declared.needsAllRemaining)
            #expect(stored.arguments.map(\.kind) == declared.arguments.map(\.kind))
            #expect(stored.arguments.map(\.names) == declared.arguments.map(\.names))
            #expect(stored.arguments.map(\.valueName) == declared.arguments.map(\.valueName))
            #expect(stored.arguments.map(\.isOptional) == declared.arguments.map(\.isOptional))
            #expect(stored.arguments.map(\.isRepeating) == declared.arguments.map(\.isRepeating))
            #expect(stored.arguments.map(\.isHidden) == declared.arguments.map(\.isHidden))
            #expect(stored.arguments.map(\.strategy) == declared.arguments.map(\.strategy))
            #expect(stored.arguments.map(\.defaultValue) == declared.arguments.map(\.defaultValue))
        }
    }
}
