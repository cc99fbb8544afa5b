import Support
import Testing
import ZKClient
import ZKCore
import ZKSystem

@testable import ZKShell

/// An answer that does not come within the deadline is no answer: on a busy machine these tests ask again.
@Suite struct ZnodeNamesTests {
    @Test func knowsTheChildrenAndForgetsThemWhenTold() async throws {
        let shell = try await ShellHarness()
        try await shell.create("/a", "/b", "/b/c")
        let client = shell.client
        nonisolated(unsafe) let names = ZnodeNames { client }
        try await eventually("children") { await onAThread { names.children(of: .root)?.sorted() == ["a", "b"] } }
        try await eventually("no grandchildren") { await onAThread { names.hasChildren(ZnodePath("/a")) == false } }
        try await eventually("grandchildren") { await onAThread { names.hasChildren(ZnodePath("/b")) == true } }
        #expect(await onAThread { names.children(of: ZnodePath("/none")) } == nil)
        try await shell.create("/d")
        names.forget()
        try await eventually("new children") {
            await onAThread { names.children(of: .root)?.sorted() == ["a", "b", "d"] }
        }
    }

    @Test func keepsAListForAMoment() async throws {
        let shell = try await ShellHarness()
        try await shell.create("/a")
        let client = shell.client
        nonisolated(unsafe) let names = ZnodeNames { client }
        try await shell.create("/b")
        let asked = ContinuousClock.now
        try await eventually("children") { await onAThread { names.children(of: .root)?.sorted() == ["a", "b"] } }
        try await shell.create("/c")
        let children = await onAThread { names.children(of: .root)?.sorted() }
        if ContinuousClock.now - asked < ZnodeNames.lifetime { #expect(children == ["a", "b"]) }
    }

    @Test func hasNothingWithoutAConnection() throws {
        #expect(ZnodeNames { nil }.children(of: .root) == nil)
    }

    @Test func doesNotWaitForAConnection() async throws {
        let proxy = try await TCPProxy.start(to: try await ShellHarness.port())
        await proxy.block()
        let client = ZooKeeperClient(
            configuration: ClientConfiguration(connectString: try ConnectString(proxy.connectString)))
        #expect(ZnodeNames { client }.children(of: .root) == nil)
        await client.closeWithoutWaiting()
    }

    /// What asks blocks its thread, as the main thread of the shell is. One of the pool would be missing to those that
    /// answer.
    private func onAThread<Value: Sendable>(_ body: @escaping @Sendable () -> Value) async -> Value {
        await withCheckedContinuation { continuation in
            DetachedThread.run { continuation.resume(returning: body()) }
        }
    }
}
