import Support
import Testing
import ZKClient
import ZKCore

@testable import ZKShell

@Suite(.timeLimit(.minutes(2))) struct PipelineTests {
    private func run(_ script: String, pipelines: Bool) async throws -> (
        status: Int32, output: String, errors: [String]
    ) {
        let shell = try await ShellHarness(options: { $0.pipelines = pipelines })
        let status = await BatchRunner(session: shell.session).run([.text(Array(script.utf8))])
        return (
            status.rawValue, String(decoding: shell.session.output.takeBytes(), as: UTF8.self),
            shell.session.diagnostics.takeLines()
        )
    }

    private static let script = """
        create /a x
        create /a/b y
        get /a/b
        set /a/b z
        get /a/b
        create /nope/x
        delete /a
        ls /a
        cd /a
        get b
        create -p /deep/er ; get /a/b
        exists /gone
        nonsense
        get "open
        alias g=get
        g /a/b
        get /a/* > /dev/null
        delete /a/b
        delete /a
        stat -1 /a
        echo end
        txn
        create /t
        commit
        get /t

        """

    @Test func leavesWhatASequentialRunLeaves() async throws {
        let sequential = try await run(Self.script, pipelines: false)
        let pipelined = try await run(Self.script, pipelines: true)
        #expect(pipelined.status == sequential.status)
        #expect(pipelined.output == sequential.output)
        #expect(pipelined.errors == sequential.errors)
        #expect(sequential.status == 4)
        #expect(sequential.errors.contains { $0.hasPrefix("zoosh: -c:6: create: ") })
    }

    @Test func keepsTheOrderOfThousands() async throws {
        var script = "create /n 0\n"
        for number in 1...3000 { script += "set -v \(number - 1) /n \(number)\nget /n\n" }
        let result = try await run(script, pipelines: true)
        #expect(result.status == 0 && result.errors.isEmpty)
        #expect(result.output == "Created /n\n" + (1...3000).map { "\($0)\n" }.joined())
    }

    @Test func stopsWhenTheScriptSaysSo() async throws {
        let result = try await run("echo a\nquit\necho b\n", pipelines: true)
        #expect(result.status == 0 && result.output == "a\n")
    }
}

@Suite(.timeLimit(.minutes(1))) struct PagedOutputTests {
    @Test func startsThePagerWhenTheScreenIsFull() throws {
        let directory = try TemporaryDirectory()
        let screen = try LocalFile.create(directory.path("screen"), appends: false)
        let paged = directory.path("paged")
        defer { LocalFile.close(screen) }
        let output = Output(descriptor: screen, usesColor: false, lines: 2) {
            try? LocalFile.create(paged, appends: false)
        }
        try output.write("1\n2\n")
        try output.write("3\u{1B}\n")
        try output.flush()
        #expect(try LocalFile.read(directory.path("screen")).isEmpty)
        #expect(try LocalFile.read(paged) == Array("1\n2\n3\\x1b\n".utf8))
    }

    @Test func showsAShortTextItself() throws {
        let directory = try TemporaryDirectory()
        let screen = try LocalFile.create(directory.path("screen"), appends: false)
        defer { LocalFile.close(screen) }
        let output = Output(descriptor: screen, usesColor: false, lines: 2) {
            Issue.record("no pager is needed")
            return nil
        }
        try output.write("1\n2\n")
        try output.flush()
        // Whoever flushes wants it to be seen at once: from now on there is no pager.
        try output.write("3\n4\n5\n")
        try output.flush()
        #expect(try LocalFile.read(directory.path("screen")) == Array("1\n2\n3\n4\n5\n".utf8))
    }
}
