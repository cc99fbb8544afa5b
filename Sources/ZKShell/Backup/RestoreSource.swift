internal import Glibc
internal import ShellLanguage
internal import ZKCore
internal import ZKReplica
internal import ZKStore

/// Where a restore takes its znodes from.
enum RestoreSource {
    /// A snapshot, or a data directory at one moment.
    case replica(Replica, name: String)
    case export(ExportReader, root: ZnodePath?)

    /// - Throws: ``ShellError`` 11 when it is damaged, 74 when it cannot be read.
    static func open(_ operand: PathOperand, in shell: ShellContext) async throws -> RestoreSource {
        var name = operand.word.text
        if name.hasPrefix(OfflineSource.prefix) {
            let source = try OfflineSource(String(name.dropFirst(OfflineSource.prefix.count)), hasPath: false)
            let replica = try OfflineView.open(source.path, at: source.moment, skipsDamage: false) { shell.warn($0) }
            return .replica(replica, name: name)
        }
        for prefix in ["file:", "@"] where name.hasPrefix(prefix) && name.count > prefix.count {
            name.removeFirst(prefix.count)
            break
        }
        if BackupFile.isBackup(name) { return try open(try BackupFile(name), in: shell) }
        let last = name.split(separator: "/").last.map(String.init) ?? name
        if try PosixFileSystem().status(of: name)?.isDirectory == true || StoreFileName(last)?.kind == .snapshot {
            let replica = try OfflineView.open(name, at: .now, skipsDamage: false) { shell.warn($0) }
            return .replica(replica, name: "offline:\(name)")
        }
        let reader = try ExportReader(file: name, in: shell)
        return .export(reader, root: try await reader.outline().root)
    }

    private static func open(_ backup: BackupFile, in shell: ShellContext) throws -> RestoreSource {
        // All of it, before any of it is believed.
        try backup.verify()
        if backup.manifest.unread > 0 {
            shell.warn(
                "\(backup.manifest.unread) znodes were not readable when \(backup.name) was made: they stay as they are"
            )
        }
        switch backup.manifest.kind {
        case .tree: return .export(try backup.export(), root: backup.manifest.root)
        case .files:
            guard let part = backup.manifest.parts.first(where: { StoreFileName($0.name)?.kind == .snapshot }) else {
                throw ShellError(.corruptFile, "\(backup.name) has no snapshot in it")
            }
            let parent = getenv("TMPDIR").map { String(cString: $0) } ?? "/tmp"
            var template = Array("\(parent)/zoosh-XXXXXX".utf8CString)
            guard mkdtemp(&template) != nil else {
                throw ShellError(.localIO, "cannot make a directory in \(parent): \(systemErrorText(errno))")
            }
            let directory = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
            let path = "\(directory)/\(part.name)"
            defer {
                unlink(path)
                rmdir(directory)
            }
            try FreeRoom.check(for: part.size, in: directory)
            try backup.extract(part, to: path)
            let replica = try OfflineView.open(path, at: .now, skipsDamage: false) { _ in }
            return .replica(replica, name: "file:\(backup.name)")
        }
    }
}
