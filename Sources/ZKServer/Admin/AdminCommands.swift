import Synchronization
import ZKCore
import ZKStore
import ZKTree

/// The commands of the admin server, with the names, the members and their order of Apache's. Source: `Commands`.
struct AdminCommands {
    let core: ServerCore
    let persistence: Persistence?

    /// In the order of the index page.
    static let names = [
        "configuration", "connection_stat_reset", "connections", "dirs", "dump", "environment", "get_trace_mask",
        "hash", "initial_configuration", "is_read_only", "last_snapshot", "leader", "monitor",
        "observer_connection_stat_reset", "observers", "restore", "ruok", "server_stats", "set_trace_mask", "snapshot",
        "stat_reset", "stats", "system_properties", "voting_view", "watch_summary", "watches", "watches_by_path",
        "zabstate",
    ]

    struct Response {
        var status = 200
        var body: JSONValue
        /// Whether a snapshot is to be taken, and comes in place of the body.
        var takesSnapshot = false
    }

    /// Those that tell of files or descriptors.
    private static let namesWithFiles: Set<String> = ["dirs", "monitor", "server_stats", "stats"]

    /// Old names of some commands.
    private static let aliases = [
        "conf": "configuration", "config": "configuration", "cons": "connections", "envi": "environment",
        "env": "environment",
        "gtmk": "get_trace_mask", "isro": "is_read_only", "lsnp": "last_snapshot", "mntr": "monitor",
        "crst": "connection_stat_reset",
        "srst": "stat_reset", "srvr": "server_stats", "stat": "stats", "stmk": "set_trace_mask",
        "wchs": "watch_summary", "wchc": "watches",
        "wchp": "watches_by_path", "icfg": "initial_configuration", "lead": "leader", "obsr": "observers",
        "orst": "observer_connection_stat_reset",
        "sysp": "system_properties", "snap": "snapshot", "rest": "restore",
    ]

    func run(_ name: String, query: [String: String], authorization: String?) -> Response {
        let command = Self.aliases[name] ?? name
        guard Self.names.contains(command) else {
            return Response(body: Self.wrapped([], command: name, error: "Unknown command: \(name)"))
        }
        if command == "snapshot" || command == "restore" { return refuseUnlessAuthorized(command, authorization) }
        if command == "leader" {
            // The one that has its error first.
            return Response(
                body: .object([("error", .string("server is not initialized")), ("command", .string(command))]))
        }
        let files = Self.namesWithFiles.contains(command) ? core.fileFacts() : FileFacts()
        let members = core.lock.withExclusive { self.members(of: command, query: query, files: files) }
        return Response(body: Self.wrapped(members, command: command))
    }

    private static func wrapped(
        _ members: [(name: String, value: JSONValue)], command: String, error: String? = nil
    ) -> JSONValue {
        .object(members + [("command", .string(command)), ("error", error.map { .string($0) } ?? .null)])
    }

    /// Snapshots and restores need the super user's credentials.
    private func refuseUnlessAuthorized(_ command: String, _ authorization: String?) -> Response {
        guard let authorization else {
            return Response(
                status: 401, body: Self.wrapped([], command: command, error: "Auth info is missing for the command"))
        }
        let parts = authorization.split(separator: " ", maxSplits: 1).map(String.init)
        let identities =
            parts.count == 2 && parts[0] == "digest"
            ? core.authenticator.identities(scheme: "digest", credentials: Array(parts[1].utf8), address: "") : nil
        guard let identities, core.lock.withShared({ isAdmin(identities) }) else {
            return Response(
                status: 403, body: Self.wrapped([], command: command, error: "Not authorized for the command"))
        }
        guard command == "snapshot", persistence != nil else {
            return Response(
                status: 503,
                body: Self.wrapped(
                    [], command: command,
                    error: "\(command) is not supported by this server: stop it and copy its files"))
        }
        guard core.configuration.admin.givesSnapshots else {
            return Response(
                status: 503, body: Self.wrapped([], command: command, error: "snapshot is off: admin.snapshot.enabled"))
        }
        guard core.mayTakeSnapshot() else {
            return Response(
                status: 429,
                body: Self.wrapped(
                    [], command: command, error: "too soon after the last: admin.rateLimiterIntervalInMS"))
        }
        return Response(body: Self.wrapped([], command: command), takesSnapshot: true)
    }

    /// Takes a snapshot; `done` is called on another thread.
    func takeSnapshot(_ done: @escaping @Sendable (Result<Snapshotter.Last, StoreError>) -> Void) {
        persistence?.snapshotter.take(core, done)
    }

    /// Everything on the root must be allowed.
    private func isAdmin(_ identities: [ACLIdentity]) -> Bool {
        let requester = Requester(identities: identities)
        guard requester.isSuper || !identities.isEmpty else { return false }
        let acl = core.tree.pointee.znode(core.tree.pointee.findCommitted("/")).pointee.acl
        return [Permissions.read, .write, .create, .delete, .admin].allSatisfy {
            core.tree.pointee.isAllowed($0, by: requester, acl: acl)
        }
    }

    private func members(
        of command: String, query: [String: String], files: FileFacts
    ) -> [(name: String, value: JSONValue)] {
        switch command {
        case "configuration": return configuration()
        case "connection_stat_reset":
            _ = core.resetConnectionStats()
            return []
        case "stat_reset":
            core.resetStats()
            return []
        case "connections":
            return connectionLists(isLong: true)
        case "dirs":
            return [
                ("datadir_size", .integer(files.dataDirectoryBytes)),
                ("logdir_size", .integer(files.logDirectoryBytes)),
            ]
        case "dump": return dump()
        case "environment": return core.environmentValues.map { ($0.name, .string($0.value)) }
        case "get_trace_mask": return [("tracemask", .integer(core.traceMask))]
        case "set_trace_mask":
            core.traceMask = query["traceMask"].flatMap { Int64($0) } ?? core.traceMask
            return [("tracemask", .integer(core.traceMask))]
        case "hash":
            let digests = core.digestHistory.map { entry in
                JSONValue.object([
                    ("zxid", .integer(entry.zxid)), ("digest", .integer(Int64(bitPattern: entry.digest))),
                    ("digest_version", .integer(2)),
                ])
            }
            return [("digests", .array(digests))]
        case "initial_configuration":
            return [("initial_configuration", core.configuration.sourceText.map { .string($0) } ?? .null)]
        case "is_read_only": return [("read_only", .bool(false))]
        case "last_snapshot":
            let last = persistence?.snapshotter.last.withLock { $0 }
            return [
                ("zxid", .string(last?.zxid.hex ?? "0")), ("timestamp", .integer((last?.wallMillis ?? 0) / 1000)),
            ]
        case "monitor":
            var report = core.report()
            report.files = files
            return report.flatMonitorValues.map { ($0.name, Self.json($0.value)) }
        case "observers": return [("synced_observers", .integer(0)), ("observers", .array([]))]
        case "server_stats": return serverStats(files)
        case "stats":
            return serverStats(files) + connectionLists(isLong: false)
        case "system_properties": return []
        case "voting_view": return [("current_config", .object([]))]
        case "watch_summary":
            return [
                ("num_connections", .integer(Int64(core.tree.pointee.watches.watchingConnectionCount))),
                ("num_paths", .integer(Int64(core.tree.pointee.watches.watchedPathCount))),
                ("num_total_watches", .integer(Int64(core.tree.pointee.watches.dataWatchCount))),
            ]
        case "watches": return watches()
        case "watches_by_path": return watchesByPath()
        case "zabstate": return [("voting", .bool(false)), ("zabstate", .string(""))]
        default: return []
        }
    }

    private static func json(_ value: MonitorValue) -> JSONValue {
        switch value {
        case .text(let text): Double(text).map { .double($0) } ?? .string(text)
        case .integer(let value): .integer(value)
        case .double(let value): .double(value)
        }
    }

    private func configuration() -> [(name: String, value: JSONValue)] {
        let range = core.configuration.sessionTimeoutMillisRange
        let directories = core.dataDirectories
        return [
            ("client_port", .integer(Int64(core.listeningPort))),
            ("data_dir", .string(directories.data ?? "")),
            ("data_log_dir", .string(directories.log ?? "")),
            ("tick_time", .integer(Int64(core.configuration.tickMillis))),
            ("max_client_cnxns", .integer(Int64(core.configuration.connectionsPerAddressMax))),
            ("min_session_timeout", .integer(Int64(range.lowerBound))),
            ("max_session_timeout", .integer(Int64(range.upperBound))),
            ("server_id", .integer(0)),
            ("client_port_listen_backlog", .integer(Int64(core.configuration.listenBacklog ?? -1))),
        ]
    }

    private func connectionLists(isLong: Bool) -> [(name: String, value: JSONValue)] {
        [
            ("connections", .array(connections(isTLS: false, isLong: isLong))),
            ("secure_connections", .array(connections(isTLS: true, isLong: isLong))),
        ]
    }

    private func connections(isTLS: Bool, isLong: Bool) -> [JSONValue] {
        core.openConnections.values.filter { $0.isTLS == isTLS }.map { connection in
            let stats = connection.stats
            var members: [(name: String, value: JSONValue)] = [
                ("remote_socket_address", .string(connection.peer.text)),
                ("interest_ops", .integer(connection.phase == .connected ? 1 : 0)),
                ("outstanding_requests", .integer(Int64(connection.writesInFlight))),
                ("packets_received", .integer(stats.received)),
                ("packets_sent", .integer(stats.sent)),
            ]
            if isLong {
                let count = stats.latency.count
                members += [
                    ("session_id", .integer(connection.id == nil ? 0 : connection.session?.id ?? 0)),
                    ("last_operation", .string(stats.lastOperation)),
                    ("established", .integer(connection.establishedWallMillis)),
                    ("session_timeout", .integer(connection.timeoutMillis)),
                    ("last_cxid", .integer(Int64(stats.lastXid ?? -1))),
                    ("last_zxid", .integer(stats.lastZxid)),
                    ("last_response_time", .integer(stats.lastResponseMillis)),
                    ("last_latency", .integer(stats.lastLatencyMillis)),
                    ("min_latency", .integer(count == 0 ? 0 : stats.latency.millisMin)),
                    ("avg_latency", .integer(count == 0 ? 0 : stats.latency.millisTotal / count)),
                    ("max_latency", .integer(stats.latency.millisMax)),
                ]
            }
            return .object(members)
        }
    }

    private func dump() -> [(name: String, value: JSONValue)] {
        let open = core.sessions.sessions.values.filter { !$0.isClosing }
        let buckets = Dictionary(grouping: open) { core.sessions.expiryMillis(of: $0) }.sorted { $0.key < $1.key }
        let owners = core.tree.pointee.sessionsWithEphemerals.sorted()
        return [
            (
                "expiry_time_to_session_ids",
                .object(buckets.map { ("\($0.key)", .array($0.value.map(\.id).sorted().map { .integer($0) })) })
            ),
            (
                "session_id_to_ephemeral_paths",
                .object(
                    owners.map { owner in
                        (
                            "\(owner)",
                            .array(core.tree.pointee.ephemeralPaths(of: owner).map { .string($0.string) })
                        )
                    })
            ),
        ]
    }

    private func watches() -> [(name: String, value: JSONValue)] {
        let entries = core.tree.pointee.watches.byWatcher.map { entry in
            (
                name: "\(core.connections[entry.watcher]?.session?.id ?? 0)",
                value: JSONValue.array(entry.paths.map { .string(String(decoding: $0, as: UTF8.self)) })
            )
        }
        return [("session_id_to_watched_paths", .object(entries))]
    }

    private func watchesByPath() -> [(name: String, value: JSONValue)] {
        let entries = core.tree.pointee.watches.byPath.map { entry in
            (
                name: String(decoding: entry.path, as: UTF8.self),
                value: JSONValue.array(
                    entry.watchers.map { .integer(core.connections[$0]?.session?.id ?? 0) })
            )
        }
        return [("path_to_session_ids", .object(entries))]
    }

    private func serverStats(_ files: FileFacts) -> [(name: String, value: JSONValue)] {
        let report = core.report()
        let sizes: [(name: String, value: JSONValue)] = [
            ("last_buffer_size", .integer(report.replyBytes.last)),
            ("min_buffer_size", .integer(report.replyBytes.min)),
            ("max_buffer_size", .integer(report.replyBytes.max)),
        ]
        let stats: [(name: String, value: JSONValue)] = [
            ("packets_sent", .integer(report.sent)),
            ("packets_received", .integer(report.received)),
            ("fsync_threshold_exceed_count", .integer(0)),
            ("client_response_stats", .object(sizes)),
            ("data_dir_size", .integer(files.dataDirectoryBytes)),
            ("log_dir_size", .integer(files.logDirectoryBytes)),
            ("provider_null", .bool(false)),
            ("last_processed_zxid", .integer(report.zxid.rawValue)),
            ("outstanding_requests", .integer(Int64(report.outstanding))),
            ("server_state", .string("standalone")),
            ("avg_latency", .double(Double(report.averageLatency) ?? 0)),
            ("max_latency", .integer(report.latency.millisMax)),
            ("min_latency", .integer(report.latencyMillisMin)),
            ("num_alive_client_connections", .integer(Int64(report.connections))),
            ("auth_failed_count", .integer(report.counters["auth_failed_count"] ?? 0)),
            ("non_mtlsremote_conn_count", .integer(0)),
            ("non_mtlslocal_conn_count", .integer(0)),
            ("uptime", .integer(report.uptimeSeconds)),
        ]
        return [
            ("version", .string(ServerVersion.string)), ("read_only", .bool(false)), ("server_stats", .object(stats)),
            ("client_response", .object(sizes)), ("node_count", .integer(Int64(report.nodeCount))),
        ]
    }
}

extension ServerCore {
    /// Whether enough time has passed since the last snapshot that was asked for; it counts as asked for then.
    fileprivate func mayTakeSnapshot() -> Bool {
        lock.withExclusive {
            let now = clock.millis
            if let last = snapshotAskedMillis, now - last < configuration.admin.snapshotPauseMillis { return false }
            snapshotAskedMillis = now
            return true
        }
    }
}
