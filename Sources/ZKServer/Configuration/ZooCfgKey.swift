/// A key of Apache's administrator guide, and what becomes of it here. The table is what the reader of zoo.cfg goes by,
/// and what zoosh-server(1) shows.
public struct ZooCfgKey: Sendable {
    public enum Treatment: Sendable {
        /// Does what it does in Apache. The text says where that is not quite so; most often it is empty.
        case honoured(String = "")
        /// Changes nothing, and a warning says why.
        case ignored(String)
        /// Protects something that this server cannot protect in this way: refused, but for the values that ask for
        /// nothing.
        case refused(unless: Set<String>, String)
    }

    /// Without `zookeeper.`, which may stand in front of each. One that ends in a dot has any rest.
    public let name: String
    public let treatment: Treatment

    /// For a manual: the text of the treatment as a sentence.
    public var text: String {
        switch treatment {
        case .honoured(let note): note.isEmpty ? "Honoured." : "Honoured: \(note)."
        case .ignored(let reason): "Ignored with a warning: \(reason)."
        case .refused(let values, let reason):
            "Refused, unless it is \(values.sorted().map { $0.isEmpty ? "empty" : $0 }.joined(separator: " or ")): \(reason)."
        }
    }

    static func find(_ name: String) -> ZooCfgKey? {
        if let key = byName[name] { return key }
        return all.first { $0.name.hasSuffix(".") && name.hasPrefix($0.name) }
    }

    private static let byName = Dictionary(all.map { ($0.name, $0) }) { first, _ in first }

    public static let all: [ZooCfgKey] = groups.flatMap { group in
        group.names.split(whereSeparator: \.isWhitespace).map {
            ZooCfgKey(name: String($0), treatment: group.treatment)
        }
    }

    /// What becomes of keys, and which they are, for a manual.
    public static var table: [(text: String, names: [String])] {
        var rows: [(text: String, names: [String])] = []
        for key in all {
            let name = key.name.hasSuffix(".") ? "\(key.name)*" : key.name
            if let row = rows.firstIndex(where: { $0.text == key.text }) {
                rows[row].names.append(name)
            } else {
                rows.append((key.text, [name]))
            }
        }
        return rows
    }

    private static let alone = "this server runs alone"
    private static let ownLimits = "this server has limits of its own, in bytes"

    private static let groups: [(names: String, treatment: Treatment)] = [
        (
            """
            dataDir dataLogDir clientPort tickTime maxClientCnxns minSessionTimeout maxSessionTimeout
            clientPortListenBacklog clientTcpKeepAlive globalOutstandingLimit maxCnxns nio.sessionlessCnxnTimeout
            snapCount snapSizeLimitInKb txnLogSizeLimitInKb preAllocSize fsync.warningthresholdms datadir.autocreate snapshot.trust.empty digest.enabled
            extendedTypesEnabled enforceQuota reconfigEnabled 4lw.commands.whitelist znode.container.checkIntervalMs
            znode.container.maxPerMinute znode.container.maxNeverUsedIntervalMs jute.maxbuffer jute.maxbuffer.extrasize
            skipACL autopurge.snapRetainCount autopurge.purgeInterval
            DigestAuthenticationProvider.enabled DigestAuthenticationProvider.superDigest
            X509AuthenticationProvider.superUser superUser superUser. letAnySaslUserDoX enforce.auth.enabled
            enforce.auth.schemes sessionRequireClientSASLAuth sasl.serverconfig java.security.auth.login.config
            secureClientPort secureClientPortAddress ssl.keyStore.password ssl.keyStore.passwordPath ssl.clientAuth
            ssl.enabledProtocols ssl.protocol admin.enableServer admin.serverPort admin.idleTimeout admin.commandURL
            metricsProvider.httpHost metricsProvider.httpPort readonlymode.enabled
            """, .honoured()
        ),
        ("clientPortAddress admin.serverAddress", .honoured("loopback when left out")),
        ("forceSync", .honoured("no is shown at the start and by srvr")),
        ("snapshot.compression.method", .honoured("gz or nothing; snappy is read and not written")),
        ("ssl.keyStore.location ssl.trustStore.location", .honoured("PEM")),
        ("ssl.keyStore.type ssl.trustStore.type", .honoured("PEM alone; another type is refused")),
        ("ssl.trustStore.password ssl.trustStore.passwordPath", .honoured("certificates in PEM need none")),
        ("admin.snapshot.enabled", .honoured()),
        ("admin.restore.enabled", .honoured("there is no restore; it answers 503")),
        ("admin.rateLimiterIntervalInMS", .honoured("no limit when left out")),
        ("metricsProvider.className", .honoured("Prometheus, or none")),
        ("authProvider.", .honoured("x509 and SASL; others are ignored with a warning")),
        ("server.", .honoured("a single one is ignored with a warning, several are refused")),
        (
            """
            initLimit syncLimit electionAlg electionPort peerType standaloneEnabled quorumListenOnAllIPs
            dynamicConfigFile localSessionsEnabled localSessionsUpgradingEnabled leaderServes syncEnabled
            connectToLearnerMasterLimit observerMasterPort commitLogCount fastleader.minNotificationInterval
            fastleader.maxNotificationInterval maxConcurrentSnapSyncs maxConcurrentDiffSyncs
            leader.maxConcurrentSnapSyncs leader.maxConcurrentDiffSyncs learner.closeSocketAsync
            leader.closeSocketAsync learner.asyncSending forward_learner_requests_to_commit_processor_disabled
            maxTimeToWaitForEpoch leader.maxTimeToWaitForEpoch cnxTimeout quorumCnxnTimeoutMs tcpKeepAlive
            electionPortBindRetry observer.reconnectDelayMs observer.election.DelayMs observer.syncEnabled
            leaderConnectDelayDuringRetryMs leader.ackLoggingFrequency observerMaster.sizeLimit sslQuorum
            portUnification sslQuorumReloadCertFiles ssl.quorum. quorum. multiAddress.enabled
            multiAddress.reachabilityCheckTimeoutMs multiAddress.reachabilityCheckEnabled
            follower.skipLearnerRequestToNextProcessor oraclePath group. weight. version
            """, .ignored(alone)
        ),
        (
            """
            maxResponseCacheSize maxGetChildrenResponseCacheSize watchManagerName watcherCleanThreadsNum
            watcherCleanThreshold watcherCleanIntervalInSeconds maxInProcessingDeadWatchers bitHashCacheSize
            serverCnxnFactory flushDelay maxWriteQueuePollTime maxBatchSize enableEagerACLCheck
            netty.advancedFlowControl.enabled nio.numSelectorThreads nio.numWorkerThreads nio.directBufferBytes
            nio.shutdownTimeout commitProcessor.numWorkerThreads commitProcessor.maxReadBatchSize
            commitProcessor.maxCommitBatchSize commitProcessor.shutdownTimeout intBufferStartingSizeBytes
            throttled_op_wait_time request_throttler.shutdownTimeout snapshotSizeFactor ssl.sslProvider
            ssl.handshakeDetectionTimeoutMillis admin.httpVersion jvm.pause.monitor
            jvm.pause.info-threshold.ms jvm.pause.warn-threshold.ms jvm.pause.sleep.time.ms
            metricsProvider.exportJvmInfo metricsProvider.numWorkerThreads metricsProvider.maxQueueSize
            metricsProvider.workerShutdownTimeoutMs
            """, .ignored("this server is built in another way")
        ),
        (
            """
            connection_throttle_tokens connection_throttle_fill_time connection_throttle_fill_count
            connection_throttle_freeze_time connection_throttle_drop_increase connection_throttle_drop_decrease
            connection_throttle_decrease_ratio connection_throttle_weight_enabled
            connection_throttle_global_session_weight connection_throttle_local_session_weight
            connection_throttle_renew_session_weight request_throttle_max_requests request_throttle_stall_time
            request_throttle_drop_stale request_stale_latency_check request_stale_connection_check
            largeRequestMaxBytes largeRequestThreshold netty.server.outstandingHandshake.limit
            netty.server.earlyDropSecureConnectionHandshakes
            """, .ignored(ownLimits)
        ),
        ("serializeLastProcessedZxid.enabled closeSessionTxn.enabled", .ignored("always on")),
        ("forceSnapshotSync", .ignored("snapshots are always synced")),
        ("emulate353TTLNodes", .ignored("TTL znodes are written as by 3.5.4 and later")),
        (
            "messageTracker.BufferSize messageTracker.Enabled pathStats.",
            .ignored("it is of use to debug Apache's own code")
        ),
        ("fips-mode", .ignored("TLS is BoringSSL's")),
        ("client.certReload", .ignored("certificates are read at the start: start again for new ones")),
        ("client.portUnification admin.portUnification", .ignored("plain connections and TLS have ports of their own")),
        (
            "kerberos.removeHostFromPrincipal kerberos.removeRealmFromPrincipal kerberos.canonicalizeHostNames",
            .ignored("there is no Kerberos")
        ),
        ("allowSaslFailedClients", .ignored("who fails to log in is never let in")),
        ("IPAuthenticationProvider.usexforwardedfor", .ignored("addresses are those of the connections")),
        ("ssl.hostnameVerification", .ignored("it is clients who check the name of a server")),
        ("ssl.allowReverseDnsLookup", .ignored("names of clients are not looked up")),
        (
            "DigestAuthenticationProvider.digestAlg",
            .refused(unless: ["sha1", "sha-1"], "digests are SHA-1, and others would let nobody in")
        ),
        ("ssl.crl ssl.ocsp", .refused(unless: ["false"], "certificates that were revoked would get in")),
        ("ssl.clientHostnameVerification", .refused(unless: ["false"], "names of clients are not checked")),
        ("ssl.ciphersuites", .refused(unless: [""], "the cipher suites are BoringSSL's, and cannot be chosen")),
        ("ssl.context.supplier.class", .refused(unless: [""], "no class can be loaded")),
        ("ssl.authProvider", .refused(unless: ["x509"], "there is no other provider")),
        ("ensembleAuthName", .refused(unless: [""], "clients of another ensemble would get in")),
        ("audit.enable", .refused(unless: ["false"], "there is no audit log")),
        ("audit.impl.class", .ignored("there is no audit log")),
        ("db.autocreate", .refused(unless: ["true"], "an empty directory is always taken for a new one")),
        ("admin.needClientAuth admin.forceHttps", .refused(unless: ["false"], "the admin server has no TLS")),
        (
            "metricsProvider.httpsPort metricsProvider.ssl.",
            .refused(unless: [], "metrics are served without TLS: use metricsProvider.httpPort")
        ),
    ]
}
