import Foundation
import Support
import Testing

/// What users of Apache Curator, the Java client, do: `Tests/curator/CuratorScenarios.java`, on our server and on Apache's.
@Suite(.serialized, .timeLimit(.minutes(5))) struct CuratorScenarios {
    @Test(arguments: [Deployment.embedded, .apache])
    func hold(_ deployment: Deployment) async throws {
        let program = Fixtures.repository.appending(path: "Tests/curator/CuratorScenarios.java")
        let result = try await ChildProcess.run(
            "/usr/bin/java",
            [
                "-cp", try ApacheInstallation.curatorClassPath(), program.path(percentEncoded: false),
                try await deployment.connectString,
            ], limit: .seconds(240))
        #expect(result.status == 0, "\(result.outputText)\(result.errorText)")
        let lines = result.outputText.split(separator: "\n")
        #expect(lines.count == 23 && lines.allSatisfy { $0.hasSuffix(": passed") }, "\(result.outputText)")
    }
}
