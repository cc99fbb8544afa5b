import Foundation
import Support

/// Runs the built program, with no files of the user's.
func zoosh(
    _ arguments: String..., server: String? = nil, input: String = "", directory: String? = nil
) async throws -> CommandResult {
    try await BuiltProduct.runZoosh(
        (server.map { ["-s", $0] } ?? []) + arguments, input: Array(input.utf8), directory: directory)
}

/// One server without files for all tests here; each works under a znode of its own, and `/parent` has a child.
let sharedServer = Task {
    let server = try await ZooshServer.start()
    _ = try await zoosh("create", "-p", "/parent/child", server: server.connectString)
    return server
}
