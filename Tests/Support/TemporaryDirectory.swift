public import Foundation

/// A directory for one test, removed with the last reference to it, and in any case when the test process is gone.
public final class TemporaryDirectory: Sendable {
    public let path: String

    public init() throws {
        path = try ChildReaper.temporaryDirectory() + "/\(UUID().uuidString)"
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    }

    deinit {
        try? FileManager.default.removeItem(atPath: path)
    }

    public var url: URL { URL(filePath: path, directoryHint: .isDirectory) }

    public func url(_ name: String) -> URL { url.appending(path: name) }

    public func path(_ name: String) -> String { path + "/" + name }

    /// A copy of a fixture directory, since servers write into theirs.
    public func copy(ofFixture fixture: String, as name: String) throws -> String {
        let copy = path(name)
        try FileManager.default.copyItem(atPath: Fixtures.url(fixture).path(percentEncoded: false), toPath: copy)
        return copy
    }
}
