extension BuiltProduct {
    /// The environment of a user who has set nothing up.
    public static let plainEnvironment = ["HOME": "/nonexistent", "PATH": "/usr/bin:/bin", "TZ": "UTC", "TERM": "dumb"]

    /// Runs `zoosh` as a user who has set nothing up.
    public static func runZoosh(
        _ arguments: [String], input: [UInt8] = [], directory: String? = nil, limit: Duration = .seconds(120)
    ) async throws -> CommandResult {
        try await ChildProcess.run(
            zoosh, arguments, environment: plainEnvironment, directory: directory, input: input, limit: limit)
    }
}
