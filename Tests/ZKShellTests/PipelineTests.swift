import Support
import Testing
import ZKClient
import ZKCore

@testable import ZKShell

@Suite(.timeLimit(.minutes(2))) struct PipelineTests {
    private func run(
        _ script: String, pipelines: Bool, options change: (inout ShellOptions) -> Void = { _ in }
    ) async throws -> ShellHarness.Result {
        let shell = try await ShellHarness(options: {
            $0.pipelines = pipelines
            change(&$0)
        })
        let status = await BatchRunner(session: shell.session).run([.text(Array(script.utf8))])
        return ShellHarness.Result(
            status: status.rawValue, output: String(decoding: shell.session.output.takeBytes(), as: UTF8.self),
            errors: shell.session.diagnostics.takeLines())
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

    /// Random scripts, one command after the other and with requests shared.
    @Test(arguments: [false, true])
    func sharingChangesNothing(endsAtAFailure: Bool) async throws {
        var printed = 0
        for seed in UInt64(1)...12 {
            var random = SeededGenerator(seed: seed)
            let script = randomLines(200, &random).joined(separator: "\n") + "\n"
            let options: (inout ShellOptions) -> Void = { $0.exitsOnError = endsAtAFailure }
            let expected = try await run(script, pipelines: false, options: options)
            let actual = try await run(script, pipelines: true, options: options)
            #expect(actual.output == expected.output, "seed \(seed)")
            #expect(actual.errors == expected.errors && actual.status == expected.status, "seed \(seed)")
            printed += expected.output.split(separator: "\n").count
        }
        #expect(endsAtAFailure || printed > 400, "most commands have failed, but for \(printed)")
    }

    private func randomLines(_ count: Int, _ random: inout SeededGenerator) -> [String] {
        // With -e the script should not end at once.
        var lines = ["create /a 1", "create /b 1", "create /a/x 1"]
        let paths = ["/a", "/b", "/a", "/b", "/a/x", "/a/y", "/b/x", "/a/x/1", "/c", "/a//b"]
        while lines.count < count {
            let path = paths.randomElement(using: &random)!
            let number = Int.random(in: 0..<40, using: &random)
            switch Int.random(in: 0..<12, using: &random) {
            case 0...1: lines.append("create \(path) v\(number)")
            case 2: lines.append("create \(["-e", "-s", "-c"].randomElement(using: &random)!) \(path)- v\(number)")
            case 3: lines.append("set \(path) w\(number)")
            case 4: lines.append("set -v \(number % 3) \(path) w\(number)")
            case 5: lines.append("delete \(path)")
            case 6: lines.append("get \(path)")
            case 7: lines.append("ls \(path)")
            case 8: lines.append("get \(path)/*")
            case 9: lines += (0...number).map { "create \(path)/m\($0) d\(number)" }
            case 10: lines += (0...number).map { "set \(path)/m\($0 * 7 % 40) e\($0)" }
            default: lines += (0...number).map { "get \(path)/m\($0 * 7 % 40)" }
            }
        }
        return lines
    }

    @Test func keepsTheOrderOfThousands() async throws {
        var script = "create /n 0\n"
        for number in 1...3000 { script += "set -v \(number - 1) /n \(number)\nget /n\n" }
        let result = try await run(script, pipelines: true)
        #expect(result.status == 0 && result.errors.isEmpty)
        #expect(result.output == "Created /n\n" + (1...3000).map { "\($0)\n" }.joined())
    }

    @Test func sendsNoWriteAheadOfAFailure() async throws {
        let result = try await run(
            "create /a 1\nget /a\nget /none\nget /a\nset /a 2\n", pipelines: true, options: { $0.exitsOnError = true })
        #expect(result.status == 4 && result.output == "Created /a\n1\n" && result.errors.count == 1)
    }

    @Test func readsTellOfTheirOwnFailures() async throws {
        var script = "create /n\n"
        for number in stride(from: 0, to: 100, by: 3) { script += "create /n/\(number) \(number)\n" }
        for number in 0..<100 { script += "get /n/\(number)\n" }
        let result = try await run(script, pipelines: true)
        #expect(result.status == 4)
        #expect(
            result.output.split(separator: "\n").filter { !$0.hasPrefix("Created") }
                == stride(from: 0, to: 100, by: 3).map { "\($0)" })
        // The first 35 lines create.
        #expect(
            result.errors
                == (0..<100).filter { $0 % 3 != 0 }.map {
                    "zoosh: -c:\($0 + 36): get: /n/\($0): node does not exist"
                })
    }

    @Test func writesTellOfTheirOwnFailures() async throws {
        var script = "create /n\n"
        for number in 0..<40 { script += "create /n/\(number) \(number)\ncreate /n/\(number)/child\n" }
        // Those before and behind the ones that fail are made all the same, and what comes next finds them.
        script += "create /n/7 again\ncreate /n/gone/child\n"
        for number in 40..<60 { script += "create /n/\(number) \(number)\n" }
        for number in 0..<20 { script += "set -v \(number % 10 == 3 ? 5 : 0) /n/\(number) new\n" }
        for number in 0..<20 { script += "delete /n/\(number)/child\ndelete /n/\(number + 5)\n" }
        script += "create /n/59 again\nset /n/59 changed\ncreate -s /n/s-\nget /n/59\nls /n\n"
        let sequential = try await run(script, pipelines: false)
        let pipelined = try await run(script, pipelines: true)
        #expect(pipelined.output == sequential.output && pipelined.errors == sequential.errors)
        #expect(pipelined.status == 5 && pipelined.errors.count > 3, "\(pipelined.errors)")
        #expect(pipelined.output.contains("\nchanged\n"))
    }

    @Test(arguments: [false, true])
    func writesAreShared(isPipelined: Bool) async throws {
        let shell = try await ShellHarness(options: { $0.pipelines = isPipelined })
        let script = (0..<20).map { "create /n\($0)\n" }.joined()
        let status = await BatchRunner(session: shell.session).run([.text(Array(script.utf8))])
        #expect(status == .success)
        var zxids: Set<Zxid> = []
        for number in 0..<20 {
            zxids.insert(try #require(try await shell.client.exists(try ZnodePath("/n\(number)"))).czxid)
        }
        #expect(zxids.count == (isPipelined ? 1 : 20))
    }

    /// Though the writes share a transaction, nothing behind the first failure is made, and everything before it is.
    @Test(arguments: [false, true])
    func sharedWritesEndAtAFailure(isPipelined: Bool) async throws {
        var script = "create /taken\n"
        for number in 0..<20 { script += "create /n\(number)\n" }
        script += "create /taken again\n"
        for number in 20..<40 { script += "create /n\(number)\n" }
        let shell = try await ShellHarness(options: {
            $0.pipelines = isPipelined
            $0.exitsOnError = true
        })
        let status = await BatchRunner(session: shell.session).run([.text(Array(script.utf8))])
        #expect(status.rawValue == 5)
        #expect(shell.session.diagnostics.takeLines() == ["zoosh: -c:22: create: /taken: node already exists"])
        let children = try await shell.client.getChildren("/").filter { $0 != "zookeeper" }
        #expect(Set(children) == Set(["taken"] + (0..<20).map { "n\($0)" }))
    }

    @Test func commandsThatAskForNothingShareNothing() async throws {
        let script = (0..<20).map { "create /n\($0)\n" }.joined() + (0..<20).map { "delete /n//\($0)\n" }.joined()
        let result = try await run(script, pipelines: true, options: { $0.isDryRun = true })
        #expect(result.output.split(separator: "\n").count == 20 && result.output.hasPrefix("would create /n0 "))
        #expect(result.errors.count == 20 && result.status == 2)
    }

    @Test func whatComesTooLateIsAskedForAlone() async throws {
        let request = SharedRequest<Int, Int>(together: { $0.map { .success($0 + 1) } }, alone: { $0 + 100 })
        await request.send()
        #expect(try await request.answer(to: 1) == 101)
    }

    /// Together they are larger than a reply may be, each alone is not.
    @Test func readsAreSharedOnlyAsFarAsTheyFit() async throws {
        let value = String(repeating: "x", count: 8192)
        let names = (0..<20).map { "/n\($0)" }
        let script =
            names.map { "create \($0) \(value)\n" }.joined() + names.map { "get \($0)\n" }.joined()
        let result = try await run(script, pipelines: true, options: { $0.frameBytesMax = 64 << 10 })
        #expect(result.status == 0, "\(result.errors)")
        #expect(
            result.output == names.map { "Created \($0)\n" }.joined()
                + String(repeating: value + "\n", count: names.count))
    }

    @Test func largeAnswersNarrowTheWindow() {
        var window = PipelineWindow()
        for _ in 0..<1000 { window.saw(answerBytes: 100) }
        #expect(window.limit == 512)
        window.saw(answerBytes: 1 << 20)
        #expect(window.limit == 16)
        window.saw(answerBytes: 100)
        #expect(window.limit == 17)
        window.saw(answerBytes: 64 << 20)
        #expect(window.limit == 4)
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
