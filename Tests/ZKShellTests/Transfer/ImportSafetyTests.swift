import Foundation
import Support
import Testing
import ZKClient
import ZKCore

@testable import ZKShell

/// Nothing is written, let alone deleted, on the word of a file that is not whole.
@Suite(.timeLimit(.minutes(2))) struct ImportSafetyTests {
    private func sample() async throws -> (ShellHarness, TemporaryDirectory) {
        let shell = try await ShellHarness()
        try await shell.create("/app", "/app/a=1", "/app/b=2", "/other=3")
        return (shell, try TemporaryDirectory())
    }

    @Test func noHeaderNoRoot() async throws {
        let (shell, files) = try await sample()
        for text in [
            #"{"path":"/app"}"# + "\n" + #"{"path":"/app/a"}"#, #"[{"path":"/app"},{"path":"/app/a"}]"#,
        ] {
            let file = try files.write(text, to: "x")
            for line in ["import --replace \(file)", "import --merge \(file)", "import \(file)"] {
                let result = await shell.run(line)
                #expect(result.status == 2 && result.errors.last?.contains("PATH") == true, "\(line): \(result)")
            }
        }
        #expect(try await shell.exists("/other"))
        #expect(try await shell.client.getData("/app/a").data == Array("1".utf8))
    }

    private static let header = #"{"zoosh":"export","version":1,"root":"/app"}"#

    private static let brokenFiles: [(String, Int?)] = [
        // A second header, one behind the znodes, one without a root.
        ("\(header)\n\(header)", 2), (#"{"path":"/app"}"# + "\n\(header)", 2),
        (#"{"zoosh":"export","version":1}"#, 1),
        // Cut off, and with an end that counts others.
        (#"{"zoosh":"export","version":1,"root":"/app","znodes":["# + "\n" + #"{"path":"/app"},"#, nil),
        (header + "\n" + #"{"zoosh":"end","znodes":1}"#, 2),
        (#"{"zoosh":"end","znodes":0}"# + "\n" + #"{"path":"/app"}"#, 2),
    ]

    @Test(arguments: brokenFiles)
    func brokenFilesChangeNothing(text: String, line: Int?) async throws {
        let (shell, files) = try await sample()
        let file = try files.write(text, to: "x")
        for flag in ["--replace", "--merge", ""] {
            let result = await shell.run("import \(flag) \(file) /app")
            #expect(result.status == 11, "\(result)")
            if let line { #expect(result.errors.last?.contains("x:\(line): ") == true, "\(result.errors)") }
        }
        for path: ZnodePath in ["/app/a", "/app/b", "/other"] { #expect(try await shell.exists(path)) }
    }

    @Test(arguments: ["x.json", "x.jsonl", "x.json.gz", "x.jsonl.gz"])
    func everyCutIsNoticed(name: String) async throws {
        let (shell, files) = try await sample()
        _ = try await shell.output("export -o \(files.path(name)) /app")
        let whole = try Data(contentsOf: files.url(name))
        #expect(whole.starts(with: [0x1F, 0x8B]) == name.hasSuffix(".gz"))
        for count in stride(from: 1, to: whole.count - 2, by: 7) {
            try whole.prefix(count).write(to: files.url("cut"))
            let result = await shell.run("import --replace \(files.path("cut")) /app")
            #expect(result.status == 11, "\(count): \(result)")
        }
        #expect(try await shell.client.getChildren("/app").sorted() == ["a", "b"])
        #expect(try await shell.output("import --replace \(files.path(name)) /app") == "3 unchanged in /app\n")
    }

    @Test func olderFilesAreMergedWithAWarning() async throws {
        let (shell, files) = try await sample()
        let file = try files.write(
            #"{"zoosh":"export","version":1,"root":"/app"}"# + "\n" + #"{"path":"/app/a","data":"new"}"#, to: "x.jsonl")
        #expect(await shell.run("import --replace \(file)").status == 11)
        let result = await shell.run("import --merge \(file)")
        #expect(result.status == 0 && result.output == "1 changed in /app\n")
        #expect(result.errors.contains { $0.contains("cut off") }, "\(result.errors)")
        #expect(try await shell.exists("/app/b"))
    }

    @Test func theQuestionNamesTheRoot() async throws {
        let shell = try await ShellHarness(answers: ["n"])
        let files = try TemporaryDirectory()
        try await shell.create("/app", "/app/a")
        let file = try files.write(
            #"{"zoosh":"export","version":1,"root":"/app","znodes":["# + "\n" + #"{"path":"/app"}"# + "\n]}\n", to: "x")
        #expect(await shell.run("import --replace \(file)").status == 1)
        #expect((shell.session.input as? MemoryInput)?.questions.last?.contains("below /app ") == true)
        #expect(try await shell.exists("/app/a"))
    }

    @Test func whatBelongsToTheServerIsNotWritten() async throws {
        let (shell, files) = try await sample()
        let file = try files.write(
            """
            {"zoosh":"export","version":1,"root":"/"}
            {"path":"/zookeeper/quota/zookeeper_limits","data":"count=5,bytes=-1"}
            {"zoosh":"end","znodes":1}
            """, to: "x")
        let server = try await ShellHarness { $0.server = String($0.server.prefix { $0 != "/" }) }
        #expect(await server.run("import \(file)").status == 9)
        #expect(await server.run("mv /zookeeper/quota /q").status == 10)
        #expect(try await !server.exists("/zookeeper/quota/zookeeper_limits"))
        #expect(try await shell.exists("/app"))
    }

    @Test func namesOfOtherFormatsAreRefused() async throws {
        let (shell, files) = try await sample()
        for name in ["x.yaml", "x.yml.gz", "x.zip", "x.json.zst"] {
            #expect(await shell.run("export -o \(files.path(name)) /app").status == 2)
            #expect(!FileManager.default.fileExists(atPath: files.path(name)))
        }
        _ = try await shell.output("export --format json -o \(files.path("x.yaml")) /app")
        _ = try await shell.output("cp -r /app @\(files.path("y.jsonl.gz"))")
        _ = try await shell.output("cp -r file:\(files.path("y.jsonl.gz")) /copy")
        #expect(try await shell.client.getChildren("/copy").sorted() == ["a", "b"])
        // Several values are not one file.
        #expect(await shell.run("get -f \(files.path("z")) /app/a /app/b").status == 2)
        #expect(!FileManager.default.fileExists(atPath: files.path("z")))
    }
}
