import Testing
import ZKText

@testable import ZKShell

@Suite(.timeLimit(.minutes(2))) struct JSONNumberTests {
    @Test(arguments: ["18446744073709551615", "1.10", "1e2", "1E400", "-0", "-1", "9223372036854775807", "0.10e-5"])
    func numbersKeepTheirText(text: String) async throws {
        #expect(try JSONValue(parsing: text.utf8).serialized == Array(text.utf8))
        let shell = try await ShellHarness()
        try await shell.create("/x={\"a\":{\"n\":\(text)}}")
        #expect(try await shell.output("get --json-path .a.n /x") == text + "\n")
        #expect(try await shell.output("get --json-path .a /x") == "{\"n\":\(text)}\n")
    }

    @Test(arguments: ["{\"a\":1,\"a\":2}", "[{\"a\":{\"b\":1,\"c\":2,\"b\":1}}]", "{\"a\":1,\"\\u0061\":2}"])
    func aNameThatIsThereTwiceIsRefused(text: String) {
        #expect(throws: JSONError.self) { try JSONValue(parsing: text.utf8) }
    }

    @Test func namesAreTheSameWhenTheirBytesAre() throws {
        let value = try JSONValue(parsing: "{\"\u{e9}\":1,\"e\u{301}\":2}".utf8)
        #expect(value["\u{e9}"] == 1 && value["e\u{301}"] == 2)
    }
}
