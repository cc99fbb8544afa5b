import Foundation
import Support
import Testing
import ZKClient
import ZKCore
import ZKRecipes

/// The examples of the page `Fencing.md`, which are compiled and run here.
enum Documented {
    /// Writes `data` for the holder of `token`, unless a later holder was here.
    static func write(
        _ data: [UInt8], token: Zxid, to resource: ZnodePath, fence: ZnodePath, on client: ZooKeeperClient
    )
        async throws -> Bool
    {
        while true {
            let (seen, stat) = try await client.getData(fence)
            let highest = Int64(String(decoding: seen ?? [], as: UTF8.self)) ?? 0
            guard token.rawValue >= highest else { return false }
            do {
                _ = try await client.multi([
                    .setData(fence, data: Array("\(token.rawValue)".utf8), version: stat.version),
                    .setData(resource, data: data),
                ])
                return true
            } catch let error as ZooKeeperError where error.code == .badVersion {
                continue  // Somebody else has written: look at the token again.
            }
        }
    }

    /// Whether `name` is now ours.
    static func claim(_ name: ZnodePath, for owner: String, on client: ZooKeeperClient) async throws -> Bool {
        do {
            try await client.create(name, data: Array(owner.utf8))
            return true
        } catch let error as ZooKeeperError where error.code == .nodeExists {
            return false
        }
    }

    /// Moves `amount` from one znode to the other; false when there is not enough.
    static func transfer(_ amount: Int, from: ZnodePath, to: ZnodePath, on client: ZooKeeperClient) async throws -> Bool
    {
        func read(_ path: ZnodePath) async throws -> (value: Int, version: Int32) {
            let (data, stat) = try await client.getData(path)
            return (Int(String(decoding: data ?? [], as: UTF8.self)) ?? 0, stat.version)
        }
        while true {
            let (source, target) = (try await read(from), try await read(to))
            guard source.value >= amount else { return false }
            do {
                _ = try await client.multi([
                    .setData(from, data: Array("\(source.value - amount)".utf8), version: source.version),
                    .setData(to, data: Array("\(target.value + amount)".utf8), version: target.version),
                ])
                return true
            } catch let error as ZooKeeperError where error.code == .badVersion {
                continue
            }
        }
    }
}

@Suite(.timeLimit(.minutes(1))) struct DocumentedTests {
    /// The lines of the page are the lines above.
    @Test func theExamplesOfThePageAreCompiled() throws {
        let page = try String(
            contentsOf: Fixtures.repository.appending(path: "Sources/ZKRecipes/ZKRecipes.docc/Fencing.md"),
            encoding: .utf8)
        let source = try String(contentsOfFile: #filePath, encoding: .utf8)
        // The formatter breaks lines at other places.
        func letters(_ text: String) -> String {
            text.replacingOccurrences(of: "static func", with: "func").filter { !$0.isWhitespace }
        }
        let examples = page.components(separatedBy: "```swift\n").dropFirst().map {
            $0.components(separatedBy: "```")[0]
        }
        #expect(examples.count == 3)
        for example in examples { #expect(letters(source).contains(letters(example)), "\(example)") }
    }
}
