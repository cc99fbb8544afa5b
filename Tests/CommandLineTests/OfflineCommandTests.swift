import Foundation
import Support
import Testing

@Suite(.timeLimit(.minutes(5)))
struct OfflineCommandTests {
    private static func fixture(_ name: String) -> String {
        Fixtures.url("datadirs/\(name)").path(percentEncoded: false)
    }

    @Test func oneShotScriptAndCompletionReadFiles() async throws {
        let path = Self.fixture("all-txns")
        #expect(try await zoosh("--offline", path, "get", "/a").outputText == "v3\n")
        #expect(try await zoosh("--offline", path, "--at", "0x4", "ls", "/").outputText == "[a, zookeeper]\n")
        let script = try await zoosh("--offline", path, "-c", "get /a\nset /a 1\nls /eph\n")
        #expect(script.outputText == "v3\n[a-0000000004, a1, a2]\n")
        #expect(script.status == 10)
        #expect(try await zoosh("--offline", path, "__complete", "znode", "/ep").outputText == "/eph/\n")
        #expect(try await zoosh("--offline", path, "--json", "stat", "/a").outputText.contains(#""czxid":"0x4""#))
    }

    @Test(arguments: [
        ["--at", "now", "ls"], ["--skip-damage", "ls"], ["--offline", "/x", "--at", "tomorrow", "ls"],
        ["--offline", "/x", "-s", "localhost", "ls"],
    ])
    func optionsThatDoNotFitAreUsageErrors(arguments: [String]) async throws {
        let result = try await BuiltProduct.runZoosh(arguments)
        #expect(result.status == 2)
        #expect(result.errorText.split(separator: "\n").count == 1)
    }

    /// Whatever it is asked, no file of the directory is opened for writing, made or removed.
    @Test(.enabled(if: FileManager.default.isExecutableFile(atPath: "/usr/bin/strace")))
    func nothingIsOpenedForWriting() async throws {
        let directory = try TemporaryDirectory()
        let data = try directory.copy(ofFixture: "datadirs/torn-tail", as: "data")
        let before = try FileManager.default.subpathsOfDirectory(atPath: data).sorted()
        let trace = directory.path("trace")
        _ = try await ChildProcess.run(
            "/usr/bin/strace",
            ["-f", "-o", trace, "-e", "trace=%file,ftruncate,fallocate", BuiltProduct.zoosh, "--offline", data]
                + ["-c", "ls -R /\nget /a\nfind / --type c\nset /a 1\nsessions"],
            environment: BuiltProduct.plainEnvironment)
        let calls = try String(contentsOfFile: trace, encoding: .utf8).split(separator: "\n")
        #expect(calls.contains { $0.contains("\(data)/version-2/log.1") && $0.contains("O_RDONLY") })
        let writing = ["O_WRONLY", "O_RDWR", "O_CREAT", "ftruncate(", "fallocate(", "rename", "unlink", "mkdir"]
        for call in calls where writing.contains(where: { call.contains($0) }) {
            #expect(call.contains("/dev/") || !call.contains(directory.path), "\(call)")
        }
        #expect(try FileManager.default.subpathsOfDirectory(atPath: data).sorted() == before)
    }
}
