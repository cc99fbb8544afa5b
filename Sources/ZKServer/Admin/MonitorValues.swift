/// The metrics of `mntr`, `/commands/monitor` and `/metrics`, in Apache's order and under its names, without a prefix.
enum MonitorValue {
    case text(String)
    case integer(Int64)
    case double(Double)

    var string: String {
        switch self {
        case .text(let text): text
        case .integer(let value): "\(value)"
        case .double(let value): ServerReport.javaDouble(value)
        }
    }
}

extension ServerReport {
    /// Single values.
    var monitorValues: [(name: String, value: MonitorValue)] {
        var values: [(name: String, value: MonitorValue)] = [
            ("version", .text(ServerVersion.string)),
            ("server_state", .text("standalone")),
            ("ephemerals_count", .integer(Int64(ephemeralCount))),
            ("num_alive_connections", .integer(Int64(connections))),
            ("avg_latency", .text(averageLatency)),
            ("outstanding_requests", .integer(Int64(outstanding))),
            ("znode_count", .integer(Int64(nodeCount))),
            ("global_sessions", .integer(Int64(sessions))),
            ("last_client_response_size", .integer(replyBytes.last)),
            ("packets_sent", .integer(sent)),
            ("packets_received", .integer(received)),
            ("max_client_response_size", .integer(replyBytes.max)),
            ("watch_count", .integer(Int64(watchCount))),
            ("min_latency", .integer(latencyMillisMin)),
            ("max_file_descriptor_count", .integer(Int64(files.descriptorsMax))),
            ("approximate_data_size", .integer(Int64(dataBytes))),
            ("open_file_descriptor_count", .integer(Int64(files.openDescriptors))),
            ("uptime", .integer(uptimeSeconds)),
            ("max_latency", .integer(latency.millisMax)),
            ("min_client_response_size", .integer(replyBytes.min)),
        ]
        for name in MetricNames.counters {
            values.append(
                (name, name == "connection_drop_probability" ? .double(0) : .integer(counters[name] ?? 0)))
        }
        return values
    }

    /// Values of which there are many.
    var summaries: [(name: String, summary: Summary, hasPercentiles: Bool)] {
        MetricNames.summaries.map { ($0, summary(named: $0), false) }
            + MetricNames.summariesWithPercentiles.map { ($0, summary(named: $0), true) }
    }

    private func summary(named name: String) -> Summary {
        switch name {
        case "fsynctime": syncMicros
        case "sync_processor_batch_size": batchSizes
        case "readlatency": reads
        case "updatelatency": updates
        default: Summary()
        }
    }

    /// All of them, a summary as several.
    var flatMonitorValues: [(name: String, value: MonitorValue)] {
        var values = monitorValues
        for (name, summary, hasPercentiles) in summaries {
            values.append(("avg_\(name)", .double((summary.average * 10_000).rounded() / 10_000)))
            values.append(("min_\(name)", .integer(summary.min)))
            values.append(("max_\(name)", .integer(summary.max)))
            values.append(("cnt_\(name)", .integer(summary.count)))
            values.append(("sum_\(name)", .integer(summary.sum)))
            guard hasPercentiles else { continue }
            for (percentile, percent) in [("p50", 50.0), ("p95", 95), ("p99", 99), ("p999", 99.9)] {
                values.append(("\(percentile)_\(name)", .integer(summary.percentile(percent))))
            }
        }
        for (metric, counts) in namespaceCounts {
            for (name, counts) in counts.sorted(by: { $0.key < $1.key }) {
                let average = counts.count == 0 ? 0 : Double(counts.sum) / Double(counts.count)
                values.append(("avg_\(name)_\(metric)", .double((average * 10_000).rounded() / 10_000)))
                values.append(("min_\(name)_\(metric)", .integer(counts.min)))
                values.append(("max_\(name)_\(metric)", .integer(counts.max)))
                values.append(("cnt_\(name)_\(metric)", .integer(counts.count)))
                values.append(("sum_\(name)_\(metric)", .integer(counts.sum)))
            }
        }
        return values
    }

    private var namespaceCounts: [(metric: String, counts: [String: NamespaceStats.Counts])] {
        [("read_per_namespace", readPerNamespace), ("write_per_namespace", writtenPerNamespace)]
    }

    /// The text of Prometheus. Texts are left out, as by Apache's `PrometheusMetricsProvider`.
    var prometheusText: String {
        var text = ""
        for (name, value) in monitorValues where name != "version" && name != "server_state" {
            text += "# HELP \(name) \(name)\n# TYPE \(name) gauge\n\(name) \(Self.prometheusNumber(value))\n"
        }
        for (name, summary, hasPercentiles) in summaries {
            text += "# HELP \(name) \(name)\n# TYPE \(name) summary\n"
            for percent in hasPercentiles ? [50.0, 90, 99] : [50] {
                text += "\(name){quantile=\"\(percent / 100)\",} \(Double(summary.percentile(percent)))\n"
            }
            text += "\(name)_count \(Double(summary.count))\n\(name)_sum \(Double(summary.sum))\n"
        }
        for (metric, counts) in namespaceCounts where !counts.isEmpty {
            text += "# HELP \(metric) \(metric)\n# TYPE \(metric) summary\n"
            for (name, counts) in counts.sorted(by: { $0.key < $1.key }) {
                let label = Self.prometheusLabel(name)
                text += "\(metric)_count{key=\"\(label)\",} \(Double(counts.count))\n"
                text += "\(metric)_sum{key=\"\(label)\",} \(Double(counts.sum))\n"
            }
        }
        return text
    }

    private static func prometheusLabel(_ text: String) -> String {
        var label = ""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\\": label += "\\\\"
            case "\"": label += "\\\""
            case "\n": label += "\\n"
            default: label.unicodeScalars.append(scalar)
            }
        }
        return label
    }

    private static func prometheusNumber(_ value: MonitorValue) -> String {
        switch value {
        case .integer(let value): "\(Double(value))"
        case .double(let value): "\(value)"
        case .text(let text): text
        }
    }
}
