import ZKCore
public import ZKStore

/// The snapshots and logs that a tree can be made from, as they were listed once.
///
/// Nothing of it is ever opened for writing, and no lock is taken: a server may be writing there meanwhile.
public struct ReplicaFiles: Sendable {
    /// As it was given.
    public let path: String
    /// In the order of their zxids.
    public let snapshots: [StoreFileName]
    public let logs: [StoreFileName]
    /// Where they are.
    public let directory: String
    /// Whether the path names a single snapshot.
    public let isSingleFile: Bool
    let fileSystem: any FileSystem

    /// Lists the files at `path`: a data directory, its `version-2`, or one snapshot.
    ///
    /// - Throws: `unusable` when there is nothing of that kind, `system` when it must not be read.
    public init(path: String, fileSystem: any FileSystem = PosixFileSystem()) throws(StoreError) {
        self.path = path
        self.fileSystem = fileSystem
        // What is not there cannot be opened, and the error says so.
        guard let status = try fileSystem.status(of: path) else {
            _ = try fileSystem.open(path, for: .reading)
            throw StoreError(kind: .unusable, file: path, problem: "it comes and goes", wayOut: "Try again.")
        }
        if !status.isDirectory {
            let parts = path.split(separator: "/", omittingEmptySubsequences: false)
            let name = String(parts.last ?? "")
            directory = parts.count < 2 ? "." : parts.dropLast().joined(separator: "/")
            guard let file = StoreFileName(name), file.kind == .snapshot else {
                throw StoreError(
                    kind: .unusable, file: path, problem: "this is no data directory and no snapshot",
                    wayOut: "Name a data directory, its version-2, or a file snapshot.ZXID.")
            }
            isSingleFile = true
            snapshots = [file]
            logs = []
            return
        }
        isSingleFile = false
        let version2 = path.hasSuffix("/") ? path + "version-2" : "\(path)/version-2"
        let isParent = try fileSystem.status(of: version2)?.isDirectory == true
        directory = isParent ? version2 : path
        let names = try fileSystem.list(directory).compactMap { StoreFileName($0) }
            .sorted { ($0.zxid, $0.name.utf8.count, $0.name) < ($1.zxid, $1.name.utf8.count, $1.name) }
        snapshots = names.filter { $0.kind == .snapshot }
        logs = names.filter { $0.kind == .log }
        guard !names.isEmpty || isParent else {
            throw StoreError(
                kind: .unusable, file: path, problem: "there are no snapshots and no logs in it",
                wayOut: "Name the data directory of a ZooKeeper server: the one that has version-2 in it.")
        }
    }

    /// The same place, listed again.
    func listedAgain() throws(StoreError) -> ReplicaFiles {
        try ReplicaFiles(path: path, fileSystem: fileSystem)
    }

    /// The path of one of the files.
    public func path(of file: StoreFileName) -> String {
        directory.hasSuffix("/") ? directory + file.name : "\(directory)/\(file.name)"
    }

    /// One of the files, for reading.
    public func open(_ file: StoreFileName) throws(StoreError) -> any OpenFile {
        try fileSystem.open(path(of: file), for: .reading)
    }

    /// The logs that have all txns after `zxid`: the last one that starts before them, and what follows.
    func logs(after zxid: Zxid) -> ArraySlice<StoreFileName> {
        logs[(logs.lastIndex { $0.zxid <= zxid.next } ?? 0)...]
    }
}
