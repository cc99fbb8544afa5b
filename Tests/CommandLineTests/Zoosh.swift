import Foundation
import Support

/// Runs the built program, with no files of the user's.
func zoosh(
    _ arguments: String..., server: String? = nil, input: String = "", directory: String? = nil
) async throws -> CommandResult {
    try await ChildProcess.run(
        BuiltProduct.zoosh, (server.map { ["-s", $0] } ?? []) + arguments, environment: cleanEnvironment,
        directory: directory, input: Array(input.utf8), limit: .seconds(120))
}

/// The environment of a user who has set nothing up.
let cleanEnvironment = ["HOME": "/nonexistent", "PATH": "/usr/bin:/bin", "TZ": "UTC", "TERM": "dumb"]

/// One server without files for all tests here; each works under a znode of its own, and `/parent` has a child.
let sharedServer = Task {
    let server = try await ZooshServer.start()
    _ = try await zoosh("create", "-p", "/parent/child", server: server.connectString)
    return server
}
