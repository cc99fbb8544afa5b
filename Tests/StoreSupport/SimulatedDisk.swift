import Support
public import ZKStore

/// A file system in memory that fails when told, and forgets at a power loss what POSIX allows it to forget.
///
/// - Data that was not synced: each sector of 512 bytes is as it was at the last sync, or as any write since left it.
/// - The size of a file likewise.
/// - Names: each creation, rename and unlink since the last sync of the directory has happened or has not.
/// - A sync that failed has dropped the pages: they read as written until a power loss, and another sync does not write
///   them.
///
/// The steps are the calls that change something. The same seed gives the same disk. One thread uses it.
public final class SimulatedDisk: FileSystem, @unchecked Sendable {
    public enum Fault: Sendable, Equatable {
        case none
        /// Nothing after this step happens, and what was not synced is forgotten.
        case powerLoss(atStep: Int)
        /// The process dies: a write at this step is done in part, and what was written before is there.
        case kill(atStep: Int)
        /// The call fails once, a write after a part of it was done.
        case failure(atStep: Int, errno: Int32)
        /// Writes that make the files longer than this in total fail.
        case full(bytes: Int)
    }

    static let sectorBytes = 512

    final class Inode {
        /// What reads see.
        var content: [UInt8] = []
        /// What a power loss leaves for certain.
        var durable: [UInt8] = []
        /// By sector, what each write since the last sync left there.
        var sectorHistory: [Int: [[UInt8]]] = [:]
        var sizeHistory: [Int] = []
    }

    enum Entry {
        case file(Inode)
        case directory
    }

    struct Directory {
        var entries: [String: Entry] = [:]
        var durable: [String: Entry] = [:]
        /// Since the last sync: a name and what it then stood for.
        var changes: [[(name: String, entry: Entry?)]] = []
    }

    private var directories: [String: Directory] = ["/": Directory()]
    private var locked: Set<String> = []
    private var generator: SeededGenerator
    public var fault: Fault
    /// How many changing calls there were.
    public private(set) var steps = 0
    /// Whether the fault has come; after a power loss or a kill every call fails.
    public private(set) var hasFaulted = false
    private var isDead = false

    public init(seed: UInt64, fault: Fault = .none) {
        generator = SeededGenerator(seed: seed)
        self.fault = fault
    }

    // MARK: After the fault

    /// The machine is switched on again: a disk with what is left. After a kill that is everything.
    public func rebooted(seed: UInt64, fault: Fault = .none) -> SimulatedDisk {
        let next = SimulatedDisk(seed: seed, fault: fault)
        next.directories = [:]
        copyDirectory("/", to: next)
        return next
    }

    /// The process is started again on the same machine.
    public func restarted(fault: Fault = .none) {
        locked = []
        isDead = false
        hasFaulted = false
        steps = 0
        self.fault = fault
    }

    private func copyDirectory(_ path: String, to next: SimulatedDisk) {
        guard let directory = directories[path] else { return }
        var entries = directory.durable
        for change in directory.changes where Bool.random(using: &generator) {
            for (name, entry) in change { entries[name] = entry }
        }
        var copy = Directory()
        for (name, entry) in entries.sorted(by: { $0.key < $1.key }) {
            switch entry {
            case .directory:
                copy.entries[name] = .directory
                copyDirectory(DiskPath.join(path, name), to: next)
            case .file(let inode):
                let kept = Inode()
                kept.content = remains(of: inode)
                kept.durable = kept.content
                copy.entries[name] = .file(kept)
            }
        }
        copy.durable = copy.entries
        next.directories[path] = copy
    }

    private func remains(of inode: Inode) -> [UInt8] {
        let sizes = [inode.durable.count] + inode.sizeHistory
        let size = sizes.randomElement(using: &generator)!
        var content = inode.durable
        content += [UInt8](repeating: 0, count: max(0, size - content.count))
        for (sector, versions) in inode.sectorHistory.sorted(by: { $0.key < $1.key }) {
            guard let version = ([nil] + versions).randomElement(using: &generator)!,
                sector * Self.sectorBytes < content.count
            else { continue }
            let start = sector * Self.sectorBytes
            let end = min(start + Self.sectorBytes, content.count)
            content.replaceSubrange(start..<end, with: version.prefix(end - start))
        }
        return Array(content.prefix(size))
    }

    // MARK: Steps

    private func step(_ path: String, _ partly: () -> Void = {}) throws(StoreError) {
        try checkAlive(path)
        steps += 1
        switch fault {
        case .powerLoss(let at) where at == steps, .kill(let at) where at == steps:
            hasFaulted = true
            partly()
            isDead = true
            throw dead(path)
        case .failure(let at, let errno) where at == steps:
            hasFaulted = true
            partly()
            throw .system(path, errno: errno, "cannot be changed")
        default: break
        }
    }

    private func checkAlive(_ path: String) throws(StoreError) {
        if isDead { throw dead(path) }
    }

    private func dead(_ path: String) -> StoreError {
        .system(path, errno: 5, "the machine is off")
    }

    // MARK: Files

    func size(of inode: Inode, _ path: String) throws(StoreError) -> Int {
        try checkAlive(path)
        return inode.content.count
    }

    func read(
        _ inode: Inode, _ path: String, into bytes: UnsafeMutableRawBufferPointer, at offset: Int
    ) throws(StoreError) -> Int {
        try checkAlive(path)
        guard offset < inode.content.count else { return 0 }
        let count = min(bytes.count, inode.content.count - offset)
        bytes.copyBytes(from: inode.content[offset..<offset + count])
        return count
    }

    func write(
        _ inode: Inode, _ path: String, _ bytes: UnsafeRawBufferPointer, at offset: Int
    ) throws(StoreError) {
        try step(path) {
            let part = Int.random(in: 0...bytes.count, using: &generator)
            put(UnsafeRawBufferPointer(rebasing: bytes[..<part]), into: inode, at: offset)
        }
        if case .full(let limit) = fault {
            let used = directories.values.flatMap(\.entries.values).reduce(0) { sum, entry in
                if case .file(let inode) = entry { sum + inode.content.count } else { sum }
            }
            let free = max(0, limit - used) + max(0, inode.content.count - offset)
            if bytes.count > free {
                hasFaulted = true
                put(UnsafeRawBufferPointer(rebasing: bytes[..<free]), into: inode, at: offset)
                throw .system(path, at: Int64(offset + free), errno: 28, "cannot be written")
            }
        }
        put(bytes, into: inode, at: offset)
    }

    private func put(_ bytes: UnsafeRawBufferPointer, into inode: Inode, at offset: Int) {
        guard !bytes.isEmpty else { return }
        let end = offset + bytes.count
        if end > inode.content.count { setSize(end, of: inode) }
        inode.content.replaceSubrange(offset..<end, with: bytes)
        remember(offset..<end, of: inode)
    }

    private func setSize(_ size: Int, of inode: Inode) {
        let old = inode.content.count
        if size > old {
            inode.content += [UInt8](repeating: 0, count: size - old)
        } else {
            inode.content.removeLast(old - size)
        }
        inode.sizeHistory.append(size)
    }

    private func remember(_ range: Range<Int>, of inode: Inode) {
        guard !range.isEmpty else { return }
        for sector in range.lowerBound / Self.sectorBytes...(range.upperBound - 1) / Self.sectorBytes {
            let start = sector * Self.sectorBytes
            let known = inode.content[start..<min(start + Self.sectorBytes, inode.content.count)]
            let version = Array(known) + [UInt8](repeating: 0, count: Self.sectorBytes - known.count)
            inode.sectorHistory[sector, default: []].append(version)
        }
    }

    func allocate(_ inode: Inode, _ path: String, upTo size: Int) {
        if case .full = fault { return }
        guard (try? step(path)) != nil, size > inode.content.count else { return }
        setSize(size, of: inode)
    }

    func truncate(_ inode: Inode, _ path: String, to size: Int) throws(StoreError) {
        try step(path)
        setSize(size, of: inode)
        // What is behind the new end reads as zeros should the file grow again.
        for sector in inode.sectorHistory.keys where sector * Self.sectorBytes >= size {
            inode.sectorHistory[sector] = nil
        }
        if size % Self.sectorBytes != 0 { remember(size - 1..<size, of: inode) }
    }

    func sync(_ inode: Inode, _ path: String) throws(StoreError) {
        do throws(StoreError) {
            try step(path)
        } catch {
            if !isDead { forget(inode) }
            throw error
        }
        var durable = inode.durable
        let size = inode.content.count
        durable += [UInt8](repeating: 0, count: max(0, size - durable.count))
        durable.removeLast(durable.count - size)
        for (sector, versions) in inode.sectorHistory {
            let start = sector * Self.sectorBytes
            guard start < size, let version = versions.last else { continue }
            durable.replaceSubrange(start..<min(start + Self.sectorBytes, size), with: version.prefix(size - start))
        }
        inode.durable = durable
        inode.sectorHistory = [:]
        inode.sizeHistory = []
    }

    /// The kernel has tried, failed, and takes the pages for clean. What of them reached the disk is open.
    private func forget(_ inode: Inode) {
        let size = inode.content.count
        inode.durable = remains(of: inode)
        inode.durable += [UInt8](repeating: 0, count: max(0, size - inode.durable.count))
        inode.durable.removeLast(inode.durable.count - size)
        inode.sectorHistory = [:]
        inode.sizeHistory = []
    }

    // MARK: Names

    public func open(_ path: String, for access: FileAccess) throws(StoreError) -> any OpenFile {
        try checkAlive(path)
        guard case .file(let inode)? = entry(at: path) else {
            throw .system(path, errno: 2, "cannot be opened")
        }
        return SimulatedFile(disk: self, inode: inode, path: path)
    }

    public func create(_ path: String) throws(StoreError) -> any OpenFile {
        try step(path)
        guard entry(at: path) == nil else { throw .system(path, errno: 17, "cannot be created") }
        let inode = Inode()
        try change(path, [(DiskPath.name(path), .file(inode))])
        return SimulatedFile(disk: self, inode: inode, path: path)
    }

    public func status(of path: String) throws(StoreError) -> FileStatus? {
        try checkAlive(path)
        if directories[path] != nil { return FileStatus(isDirectory: true, bytes: 0) }
        guard case .file(let inode)? = entry(at: path) else { return nil }
        return FileStatus(isDirectory: false, bytes: Int64(inode.content.count))
    }

    public func list(_ directory: String) throws(StoreError) -> [String] {
        try checkAlive(directory)
        guard let names = directories[directory]?.entries.keys else {
            throw .system(directory, errno: 2, "cannot be listed")
        }
        return Array(names)
    }

    public func createDirectory(_ path: String) throws(StoreError) {
        try step(path)
        try change(path, [(DiskPath.name(path), .directory)])
        directories[path] = Directory()
    }

    public func rename(_ old: String, to new: String) throws(StoreError) {
        try step(old)
        guard let entry = entry(at: old) else { throw .system(old, errno: 2, "cannot be renamed") }
        precondition(DiskPath.parent(old) == DiskPath.parent(new), "renamed within a directory")
        try change(old, [(DiskPath.name(old), nil), (DiskPath.name(new), entry)])
    }

    public func unlink(_ path: String) throws(StoreError) {
        try step(path)
        guard entry(at: path) != nil else { throw .system(path, errno: 2, "cannot be removed") }
        try change(path, [(DiskPath.name(path), nil)])
    }

    public func syncDirectory(_ path: String) throws(StoreError) {
        try step(path)
        guard var directory = directories[path] else { throw .system(path, errno: 2, "cannot be synced") }
        directory.durable = directory.entries
        directory.changes = []
        directories[path] = directory
    }

    public func lock(_ path: String) throws(StoreError) -> (any FileLock)? {
        try checkAlive(path)
        guard locked.insert(path).inserted else { return nil }
        return SimulatedLock { [weak self] in self?.locked.remove(path) }
    }

    private func entry(at path: String) -> Entry? {
        directories[DiskPath.parent(path)]?.entries[DiskPath.name(path)]
    }

    private func change(_ path: String, _ change: [(name: String, entry: Entry?)]) throws(StoreError) {
        let parent = DiskPath.parent(path)
        guard directories[parent] != nil else { throw .system(path, errno: 2, "cannot be created") }
        for (name, entry) in change { directories[parent]!.entries[name] = entry }
        directories[parent]!.changes.append(change)
    }
}

enum DiskPath {
    static func join(_ directory: String, _ name: String) -> String {
        directory == "/" ? "/\(name)" : "\(directory)/\(name)"
    }

    static func parent(_ path: String) -> String {
        let parts = path.split(separator: "/").dropLast()
        return "/" + parts.joined(separator: "/")
    }

    static func name(_ path: String) -> String {
        path.split(separator: "/").last.map(String.init) ?? ""
    }
}

private final class SimulatedFile: OpenFile, @unchecked Sendable {
    let path: String
    private let disk: SimulatedDisk
    private let inode: SimulatedDisk.Inode

    init(disk: SimulatedDisk, inode: SimulatedDisk.Inode, path: String) {
        self.disk = disk
        self.inode = inode
        self.path = path
    }

    func size() throws(StoreError) -> Int64 { Int64(try disk.size(of: inode, path)) }

    func read(into bytes: UnsafeMutableRawBufferPointer, at offset: Int64) throws(StoreError) -> Int {
        try disk.read(inode, path, into: bytes, at: Int(offset))
    }

    func write(_ bytes: UnsafeRawBufferPointer, at offset: Int64) throws(StoreError) {
        try disk.write(inode, path, bytes, at: Int(offset))
    }

    func allocate(upTo size: Int64) { disk.allocate(inode, path, upTo: Int(size)) }

    func truncate(to size: Int64) throws(StoreError) { try disk.truncate(inode, path, to: Int(size)) }

    func syncData() throws(StoreError) { try disk.sync(inode, path) }

    func sync() throws(StoreError) { try disk.sync(inode, path) }

    func close() throws(StoreError) {}
}

private final class SimulatedLock: FileLock, @unchecked Sendable {
    private let onRelease: () -> Void

    init(_ onRelease: @escaping () -> Void) {
        self.onRelease = onRelease
    }

    func write(_ text: String) throws(StoreError) {}

    func release() { onRelease() }
}
