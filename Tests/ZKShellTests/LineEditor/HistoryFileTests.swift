import Foundation
import Support
import Testing

@testable import ZKShell

@Suite struct HistoryFileTests {
    private let directory: TemporaryDirectory

    init() throws {
        directory = try TemporaryDirectory()
    }

    private func permissions(_ path: String) throws -> Int {
        try #require(try FileManager.default.attributesOfItem(atPath: path)[.posixPermissions] as? Int)
    }

    @Test(
        arguments: [
            (["ZOOSH_HISTORY": "/h", "XDG_STATE_HOME": "/s", "HOME": "/u"], "/h"),
            (["XDG_STATE_HOME": "/s", "HOME": "/u"], "/s/zoosh/history"),
            (["HOME": "/u"], "/u/.local/state/zoosh/history"),
            (["ZOOSH_HISTORY": "", "XDG_STATE_HOME": "", "HOME": "/u"], "/u/.local/state/zoosh/history"),
            ([:], nil),
        ] as [([String: String], String?)])
    func isWhereTheEnvironmentSays(environment: [String: String], path: String?) {
        #expect(HistoryFile.path { environment[$0] } == path)
    }

    @Test func isForItsOwnerAlone() throws {
        let path = directory.path("state/zoosh/history")
        try HistoryFile(path: path).prepare()
        #expect(try permissions(path) == 0o600)
        #expect(try permissions(directory.path("state/zoosh")) == 0o700)
    }

    /// It may be a device, or shared on purpose.
    @Test func leavesTheModeOfWhatIsThere() throws {
        let path = directory.path("history")
        #expect(FileManager.default.createFile(atPath: path, contents: nil, attributes: [.posixPermissions: 0o640]))
        try HistoryFile(path: path).prepare()
        #expect(try permissions(path) == 0o640)
        let device = try permissions("/dev/null")
        try HistoryFile(path: "/dev/null").prepare()
        #expect(try permissions("/dev/null") == device)
    }

    @Test func appendsATimeAndTheCommand() throws {
        let path = directory.path("history")
        let file = HistoryFile(path: path)
        try file.prepare()
        try file.append("ls /")
        try HistoryFile(path: path).append("set /x 'two\nlines'")
        let lines = try String(contentsOfFile: path, encoding: .utf8).split(separator: "\n").map(String.init)
        #expect(lines.count == 5)
        #expect(lines[1] == "ls /")
        #expect(Array(lines[3...]) == ["set /x 'two", "lines'"])
        for line in [lines[0], lines[2]] {
            let time = try #require(Double(line.dropFirst()))
            #expect(line.first == "#" && abs(time - Date.now.timeIntervalSince1970) < 600)
        }
    }

    @Test func saysWhatToDoWhenItCannotBeMade() throws {
        let path = directory.path("file")
        #expect(FileManager.default.createFile(atPath: path, contents: nil))
        let error = #expect(throws: ShellError.self) { try HistoryFile(path: path + "/history").prepare() }
        #expect(error?.status == .localIO)
        #expect(error?.message.contains("--no-history") == true)
    }
}
