import NIOCore
import NIOPosix
import ZKCore
import ZKTree

/// Source: `FourLetterCommands`.
enum FourLetterCommand: String, CaseIterable {
    case conf, cons, crst, dirs, dump, envi, gtmk, hash, isro, mntr, ruok, srst, srvr, stat, stmk, wchc, wchp, wchs

    /// Whether the answer tells of files or descriptors, and so is not made on an event loop.
    var needsFiles: Bool {
        switch self {
        case .conf, .dirs, .mntr: true
        default: false
        }
    }
}

/// The commands that a client may send instead of a connect request. Under the exclusive lock.
extension ServerCore {
    enum FourLetterAnswer {
        case notAWord
        /// The argument of the word has not arrived.
        case incomplete
        case text(String)
        /// The answer comes from another thread.
        case later(FourLetterCommand)
    }

    func fourLetterWord(_ bytes: UnsafeRawBufferPointer, of connection: Connection) -> FourLetterAnswer {
        guard bytes.count >= 4 else { return .notAWord }
        let word = String(decoding: bytes[..<4], as: UTF8.self)
        guard let command = FourLetterCommand(rawValue: word) else { return .notAWord }
        guard configuration.answers(word) else {
            return .text("\(word) is not executed because it is not in the whitelist.\n")
        }
        if command == .stmk {
            guard bytes.count >= 12 else { return .incomplete }
            traceMask = Int64(bigEndian: bytes.loadUnaligned(fromByteOffset: 4, as: Int64.self))
        }
        return command.needsFiles ? .later(command) : .text(answer(command, FileFacts()))
    }

    /// Asks the file system, and then answers. From any thread, without the lock.
    func answerLater(_ command: FourLetterCommand, to connection: Connection) {
        NIOThreadPool.singleton.submit { _ in
            let files = self.fileFacts()
            self.lock.withExclusive {
                guard !connection.isGone else { return }
                connection.output.writeString(self.answer(command, files))
                self.close(connection)
                self.markDirty(connection)
            }
            self.flushDirty()
        }
    }

    private func answer(_ command: FourLetterCommand, _ files: FileFacts) -> String {
        switch command {
        case .ruok: "imok"
        case .isro: "rw"
        case .srvr: serverText(withConnections: false)
        case .stat: serverText(withConnections: true)
        case .cons: openConnections.values.map { $0.line(isLong: true, wallOffset: wallOffset) }.joined() + "\n"
        case .crst: resetConnectionStats()
        case .srst: resetServerStats()
        case .conf: configurationText(files)
        case .dirs:
            "datadir_size: \(files.dataDirectoryBytes)\nlogdir_size: \(files.logDirectoryBytes)\n"
        case .dump: dumpText()
        case .envi: "Environment:\n" + environmentValues.map { "\($0.name)=\($0.value)\n" }.joined()
        case .gtmk, .stmk: "\(traceMask)"
        case .hash:
            digestHistory.map { "\(Zxid(rawValue: $0.zxid).hex): \($0.digest)\n" }.joined()
        case .mntr: monitorText(files)
        case .wchs:
            """
            \(tree.pointee.watches.watchingConnectionCount) connections watching \
            \(tree.pointee.watches.watchedPathCount) paths
            Total watches:\(tree.pointee.watches.dataWatchCount)

            """
        case .wchc: watchesByConnectionText()
        case .wchp: watchesByPathText()
        }
    }

    private func serverText(withConnections: Bool) -> String {
        let report = report()
        var text = "Zookeeper version: \(ServerVersion.string)\n"
        if withConnections {
            text += "Clients:\n"
            text += openConnections.values.map { $0.line(isLong: false, wallOffset: wallOffset) }.joined() + "\n"
        }
        return text + """
            Latency min/avg/max: \(report.latencyMillisMin)/\(report.averageLatency)/\(report.latency.millisMax)
            Received: \(report.received)
            Sent: \(report.sent)
            Connections: \(report.connections)
            Outstanding: \(report.outstanding)
            Zxid: \(report.zxid)
            Mode: standalone
            \(weakenedDurabilityLine)Node count: \(report.nodeCount)

            """
    }

    /// A server that does not sync its log says so.
    private var weakenedDurabilityLine: String {
        configuration.dataDirectory != nil && !configuration.syncsLog
            ? "Durability: unsafe, the log is not synced\n" : ""
    }

    func resetConnectionStats() -> String {
        for connection in openConnections.values { connection.stats = ConnectionStats() }
        return "Connection stats reset.\n"
    }

    private func resetServerStats() -> String {
        resetStats()
        return "Server stats reset.\n"
    }

    private func monitorText(_ files: FileFacts) -> String {
        var report = report()
        report.files = files
        return report.flatMonitorValues.map { "zk_\($0.name)\t\($0.value.string)\n" }.joined()
    }

    /// The values of `conf`, under their names there.
    private func configurationValues(_ files: FileFacts) -> [(name: String, value: String)] {
        let range = configuration.sessionTimeoutMillisRange
        return [
            ("clientPort", "\(listeningPort)"),
            ("secureClientPort", "\(secureListeningPort)"),
            ("dataDir", dataDirectories.data ?? ""),
            ("dataDirSize", "\(files.dataDirectoryBytes)"),
            ("dataLogDir", dataDirectories.log ?? ""),
            ("dataLogSize", "\(files.logDirectoryBytes)"),
            ("tickTime", "\(configuration.tickMillis)"),
            ("maxClientCnxns", "\(configuration.connectionsPerAddressMax)"),
            ("minSessionTimeout", "\(range.lowerBound)"),
            ("maxSessionTimeout", "\(range.upperBound)"),
            ("clientPortListenBacklog", "\(configuration.listenBacklog ?? -1)"),
            ("serverId", "0"),
        ]
    }

    private func configurationText(_ files: FileFacts) -> String {
        configurationValues(files).map { "\($0.name)=\($0.value)\n" }.joined()
    }

    /// The directories that hold snapshots and logs.
    var dataDirectories: (data: String?, log: String?) {
        guard let data = configuration.dataDirectory else { return (nil, nil) }
        return ("\(data)/version-2", "\(configuration.dataLogDirectory ?? data)/version-2")
    }

    private func dumpText() -> String {
        let open = sessions.sessions.values.filter { !$0.isClosing }
        let buckets = Dictionary(grouping: open) { sessions.expiryMillis(of: $0) }.sorted { $0.key < $1.key }
        var text = "SessionTracker dump:\nSession Sets (\(buckets.count))/(\(open.count)):\n"
        for (expiry, group) in buckets {
            text += "\(group.count) expire at \(ProcessFacts.javaDate(wallMillis: expiry + wallOffset)):\n"
            for session in group.sorted(by: { $0.id < $1.id }) { text += "\t\(Self.hex(session.id))\n" }
        }
        let owners = tree.pointee.sessionsWithEphemerals.sorted()
        text += "ephemeral nodes dump:\nSessions with Ephemerals (\(owners.count)):\n"
        for owner in owners {
            text += "\(Self.hex(owner)):\n"
            for path in tree.pointee.ephemeralPaths(of: owner) { text += "\t\(path)\n" }
        }
        text += "Connections dump:\nConnections Sets (\(openConnections.isEmpty ? 0 : 1))/(\(openConnections.count)):\n"
        if !openConnections.isEmpty {
            text += "\(openConnections.count) expire at \(ProcessFacts.javaDate(wallMillis: clock.wallMillis)):\n"
        }
        for connection in openConnections.values {
            text += "\tip: /\(connection.peer.text) sessionId: "
            text += "\(Self.hex(connection.id == nil ? 0 : connection.session?.id ?? 0))\n"
        }
        return text
    }

    private func watchesByConnectionText() -> String {
        var text = ""
        for (watcher, paths) in tree.pointee.watches.byWatcher {
            text += "\(Self.hex(connections[watcher]?.session?.id ?? 0))\n"
            for path in paths { text += "\t\(String(decoding: path, as: UTF8.self))\n" }
        }
        return text + "\n"
    }

    private func watchesByPathText() -> String {
        var text = ""
        for (path, watchers) in tree.pointee.watches.byPath {
            text += "\(String(decoding: path, as: UTF8.self))\n"
            for watcher in watchers { text += "\t\(Self.hex(connections[watcher]?.session?.id ?? 0))\n" }
        }
        return text + "\n"
    }

    static func hex(_ value: Int64) -> String { "0x" + String(UInt64(bitPattern: value), radix: 16) }

    /// What to add to the monotonic clock to get the wall's.
    var wallOffset: Int64 { clock.wallMillis - clock.millis }

    /// The values of `envi`. There is no JVM: its entries say so.
    var environmentValues: [(name: String, value: String)] {
        let system = ProcessFacts.system
        return [
            ("zookeeper.version", ServerVersion.string),
            ("host.name", ProcessFacts.hostName),
            ("java.version", "<NA>"),
            ("java.vendor", "<NA>"),
            ("java.home", "<NA>"),
            ("java.class.path", "<NA>"),
            ("java.library.path", "<NA>"),
            ("java.io.tmpdir", "<NA>"),
            ("java.compiler", "<NA>"),
            ("os.name", system.name),
            ("os.arch", system.machine),
            ("os.version", system.release),
            ("user.name", ProcessFacts.environment("USER")),
            ("user.home", ProcessFacts.environment("HOME")),
            ("user.dir", ProcessFacts.workingDirectory),
            ("os.memory.free", "<NA>"),
            ("os.memory.max", "<NA>"),
            ("os.memory.total", "<NA>"),
        ]
    }
}

extension Connection {
    /// A line of `stat`, or the longer one of `cons`.
    func line(isLong: Bool, wallOffset: Int64) -> String {
        let interest = phase == .closed || phase == .new ? 0 : 1
        var text =
            " /\(peer.text)[\(interest)](queued=\(writesInFlight),recved=\(stats.received),sent=\(stats.sent)"
        if isLong, let session, id != nil {
            text += ",sid=\(ServerCore.hex(session.id)),lop=\(stats.lastOperation),est=\(establishedWallMillis)"
            text += ",to=\(timeoutMillis)"
            if let xid = stats.lastXid { text += ",lcxid=\(ServerCore.hex(Int64(xid)))" }
            text += ",lzxid=\(ServerCore.hex(stats.lastZxid)),lresp=\(stats.lastResponseMillis)"
            text += ",llat=\(stats.lastLatencyMillis),minlat=\(stats.latency.count == 0 ? 0 : stats.latency.millisMin)"
            text += ",avglat=\(stats.latency.count == 0 ? 0 : stats.latency.millisTotal / stats.latency.count)"
            text += ",maxlat=\(stats.latency.millisMax)"
        }
        return text + ")\n"
    }
}

extension ConnectionStats {
    /// The four letters that Apache has for the last request.
    var lastOperation: String {
        guard let lastType else { return "NA" }
        return switch lastType {
        case .createSession: "SESS"
        case .ping: "PING"
        case .create, .create2, .createContainer, .createTTL: "CREA"
        case .delete, .deleteContainer: "DELE"
        case .exists: "EXIS"
        case .getData: "GETD"
        case .setData: "SETD"
        case .getACL: "GETA"
        case .setACL: "SETA"
        case .getChildren, .getChildren2: "GETC"
        case .sync: "SYNC"
        case .multi: "MULT"
        case .multiRead: "MLTR"
        case .setWatches: "SETW"
        case .setWatches2: "STW2"
        case .addWatch: "ADDW"
        case .checkWatches: "CHKW"
        case .removeWatches: "REMW"
        case .getEphemerals: "GETE"
        case .getAllChildrenNumber: "GETACN"
        case .whoAmI: "HOMI"
        case .closeSession: "CLOS"
        case .reconfig: "RECO"
        default: "NA"
        }
    }
}
