import Foundation
import Testing
import ZKClient
import ZKCore

@testable import ZKShell

@Suite struct ErrorMappingTests {
    /// The client's message for a lost connection has it already; the shell's own texts have not.
    @Test(arguments: [
        (ErrorCode.connectionLoss, "set /x: the connection was lost. Whether the change was made is not known: read."),
        (ErrorCode.sessionExpired, "set /x: the session has expired."),
    ])
    func saysOnceThatAnOutcomeIsUnknown(code: ErrorCode, message: String) throws {
        let error = ShellError(
            ZooKeeperError(
                code: code, operation: "set", path: ZnodePath("/x"), message: message, isOutcomeUnknown: true))
        #expect(error.message.components(separatedBy: "is not known").count == 2, "\(error.message)")
    }

    @Test func saysNothingOfThatForReads() throws {
        let error = ShellError(
            ZooKeeperError(code: .sessionExpired, operation: "get", path: ZnodePath("/x"), message: "get /x: over"))
        #expect(!error.message.contains("is not known"))
    }
}
