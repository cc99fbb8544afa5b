internal import ZKCore

/// The words of zkCli for what went wrong, for `--compat`: scripts look for them.
enum CompatibleMessage {
    static func text(of error: ShellError, command: String) -> String {
        if error.status == .notFound, CommandRegistry[command] == nil {
            return "Command not found: Command not found \(command)"
        }
        // These two find the absence of a quota natural.
        guard let code = error.code, command != "listquota", command != "delquota" else { return error.message }
        let path = error.path?.string ?? "null"
        switch code {
        case .noNode: return "Node does not exist: \(path)"
        case .noChildrenForEphemerals: return "Ephemerals cannot have children: \(path)"
        case .nodeExists: return "Node already exists: \(path)"
        case .notEmpty: return "Node not empty: \(path)"
        case .notReadOnly: return "Not a read-only call: \(path)"
        case .invalidACL:
            let text = "Acl is not valid : \(path)"
            return command == "create" ? "KeeperErrorCode = InvalidACL for \(path)\n\(text)" : text
        case .noAuth: return "Insufficient permission : \(path)"
        case .badArguments: return "Arguments are not valid : \(path)"
        case .badVersion: return "version No is not valid : \(path)"
        case .quotaExceeded: return "Quota has exceeded : \(path)"
        case .reconfigInProgress:
            return "Another reconfiguration is in progress -- concurrent reconfigs not supported (yet)"
        case .newConfigNoQuorum:
            return "No quorum of new config is connected and up-to-date with the leader of last committed config - "
                + "try invoking reconfiguration after new servers are connected and synced"
        case .noWatcher: return "KeeperErrorCode = No such watcher for \(path)"
        case .reconfigDisabled: return "KeeperErrorCode = Reconfig is disabled"
        case .connectionLoss: return "KeeperErrorCode = ConnectionLoss for \(path)"
        case .sessionExpired: return "KeeperErrorCode = Session expired for \(path)"
        case .authFailed: return "KeeperErrorCode = AuthFailed for \(path)"
        default: return error.message
        }
    }

    /// zkCli has three.
    static func status(_ status: ExitCode) -> ExitCode {
        [.success, .notFound, .interrupted, .brokenPipe].contains(status) ? status : .failure
    }

    /// What Java's client says of a path that is not one; nil when it is.
    ///
    /// - Parameter isSequential: digits will follow, so that it may end with a slash.
    static func mistake(inPath text: String, isSequential: Bool) -> String? {
        let units = Array((isSequential ? text + "1" : text).utf16)
        let (slash, dot) = (UInt16(UInt8(ascii: "/")), UInt16(UInt8(ascii: ".")))
        guard !units.isEmpty else { return "Path length must be > 0" }
        guard units[0] == slash else { return "Path must start with / character" }
        guard units.count > 1 else { return nil }
        guard units.last != slash else { return "Path must not end with / character" }
        for index in 1..<units.count {
            let isBeforeEnd = index + 1 == units.count || units[index + 1] == slash
            var reason: String?
            if units[index] == slash, units[index - 1] == slash {
                reason = "empty node name specified"
            } else if units[index] == dot, isBeforeEnd {
                let isParent = index > 1 && units[index - 1] == dot && units[index - 2] == slash
                if isParent || units[index - 1] == slash { reason = "relative paths not allowed" }
            }
            if let reason { return "Invalid path string \"\(text)\" caused by \(reason) @\(index)" }
        }
        return nil
    }
}
