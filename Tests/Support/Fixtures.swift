public import Foundation

/// The recorded bytes and data directories under `Tests/Fixtures`.
public enum Fixtures {
    /// The root of the repository, from the place of this file.
    public static let repository = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent()

    public static let directory = repository.appending(path: "Tests/Fixtures")

    /// A file or directory below `Tests/Fixtures`.
    public static func url(_ path: String) -> URL {
        directory.appending(path: path)
    }

    public static func bytes(_ path: String) throws -> [UInt8] {
        [UInt8](try Data(contentsOf: url(path)))
    }
}
