import Testing
import ZKText

@testable import ZKShell

@Suite struct JSONDifferenceTests {
    private func differences(_ a: String, _ b: String) throws -> [String] {
        JSONDifference.all(try JSONValue(parsing: a.utf8), try JSONValue(parsing: b.utf8)).map { found in
            func text(_ value: JSONValue?) -> String {
                value.map { String(decoding: $0.serialized, as: UTF8.self) } ?? "-"
            }
            return "\(found.path) \(text(found.a)) \(text(found.b))"
        }
    }

    @Test(arguments: [
        (#"{"a":1,"b":[1,2]}"#, #" { "b" : [1, 2], "a" : 1 }"#), ("1.50", "15e-1"), ("0.15E1", "1.5"), ("0", "-0.0"),
        ("1e3", "1000"), ("100", "1E+2"), (#""\u0061""#, #""a""#),
    ])
    func whatIsWrittenOtherwiseIsEqual(a: String, b: String) throws {
        #expect(try differences(a, b) == [])
    }

    @Test func pathsTellWhere() throws {
        #expect(
            try differences(#"{"r":3,"l":[1,{"x.y":null}]}"#, #"{"r":0,"l":[1,{"x.y":false},7],"n":"t"}"#) == [
                ".r 3 0", #".l[1]["x.y"] null false"#, ".l[2] - 7", #".n - "t""#,
            ])
        #expect(try differences("[]", "{}") == [". [] {}"])
        #expect(try differences("9007199254740993", "9007199254740992.0") == [". 9007199254740993 9007199254740992.0"])
        #expect(try differences("1", #""1""#) == [#". 1 "1""#])
    }
}
