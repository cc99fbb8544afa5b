import Foundation
import Support
import Testing
import ZKClient
import ZKCore

// The documentation quotes what is between the marks; a test compares them.

// snippet: first
func keepGreeting(at servers: String) async throws -> String {
    let client = ZooKeeperClient(
        configuration: ClientConfiguration(connectString: try ConnectString(servers)))
    try await client.waitUntilConnected(timeout: .seconds(10))

    let path: ZnodePath = "/greeting"
    do {
        try await client.create(path, data: Array("hello".utf8))
    } catch let error as ZooKeeperError where error.code == .nodeExists {
        try await client.setData(path, data: Array("hello".utf8))
    }
    let (data, stat) = try await client.getData(path)
    try await client.delete(path, version: stat.version)
    await client.close()
    return String(decoding: data ?? [], as: UTF8.self)
}
// end

// snippet: watching
/// Calls `use` with the data of a znode, now and whenever it may have changed.
func follow(
    _ path: ZnodePath, of client: ZooKeeperClient, use: ([UInt8]?) async throws -> Void
) async throws {
    // Armed before the first read, so that no change falls in between.
    let changes = try await client.watch(path, mode: .persistent)
    try await use(try await client.getData(path).data)
    for try await change in changes {
        switch change {
        case .event(let event) where event.type == .nodeDeleted:
            return
        case .event(let event) where event.type != .nodeDataChanged:
            continue
        case .event, .resumed:
            try await use(try await client.getData(path).data)
        }
    }
}
// end

// snippet: unknown
/// Adds one to a counter, also when a connection is lost in between.
func increment(_ path: ZnodePath, of client: ZooKeeperClient) async throws -> Int {
    while true {
        let (data, stat) = try await client.getData(path)
        let next = (Int(String(decoding: data ?? [], as: UTF8.self)) ?? 0) + 1
        do {
            try await client.setData(path, data: Array("\(next)".utf8), version: stat.version)
            return next
        } catch let error as ZooKeeperError where error.code == .badVersion {
            continue  // Somebody was faster.
        } catch let error as ZooKeeperError where error.isOutcomeUnknown {
            // The same version once more would be wrong: look whether it was done.
            let after = try await client.getData(path)
            if after.stat.version == stat.version + 1, after.data == Array("\(next)".utf8) { return next }
        }
    }
}
// end

@Suite(.timeLimit(.minutes(1)))
struct DocumentationExampleTests {
    @Test func theDocumentationQuotesThisFile() throws {
        let page = try String(
            contentsOf: Fixtures.repository.appending(path: "Sources/ZKClient/ZKClient.docc/ZKClient.md"),
            encoding: .utf8)
        let source = try String(contentsOfFile: #filePath, encoding: .utf8)
        let snippets = source.components(separatedBy: "\n// snippet: ").dropFirst().map { part in
            let lines = part.components(separatedBy: "\n")
            return lines.dropFirst().prefix { $0 != "// end" }.joined(separator: "\n")
        }
        #expect(snippets.count == 3)
        for snippet in snippets { #expect(page.contains("```swift\n\(snippet)\n```")) }
    }

    @Test func theExamplesWork() async throws {
        let server = try await ApacheServer.shared()
        #expect(try await keepGreeting(at: server.connectString) == "hello")

        let client = ZooKeeperClient(
            configuration: ClientConfiguration(connectString: try ConnectString(server.connectString)))
        let path = try await client.create("/example-", data: Array("1".utf8), mode: .persistentSequential)
        let seen = Mailbox<String>()
        async let following: () = follow(path, of: client) { seen.put(String(decoding: $0 ?? [], as: UTF8.self)) }
        #expect(try await seen.take("the first value") == "1")
        #expect(try await increment(path, of: client) == 2)
        #expect(try await seen.take("the second value") == "2")
        try await client.delete(path)
        try await following
        await client.close()
    }
}
