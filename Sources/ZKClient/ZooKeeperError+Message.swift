internal import ZKCore

extension ZooKeeperError {
    /// The error for a code that the server has sent.
    static func answered(_ code: ErrorCode, operation: String, path: ZnodePath?) -> Self {
        Self(
            code: code, operation: operation, path: path,
            message: "\(subject(operation, path)): \(explanation(of: code, operation: operation, path: path))")
    }

    static func subject(_ operation: String, _ path: ZnodePath?) -> String {
        path.map { "\(operation) \($0)" } ?? operation
    }

    /// What the code means here, the code itself, and the way out.
    private static func explanation(of code: ErrorCode, operation: String, path: ZnodePath?) -> String {
        let mark = "(\(code), \(code.rawValue))"
        let znode = path?.string ?? "the znode"
        switch code {
        case .noNode:
            if operation.hasPrefix("create"), let parent = path?.parent {
                return "there is no znode \(parent) \(mark). Create \(parent) first."
            }
            return "there is no such znode \(mark). Check the path, and the chroot of the connect string."
        case .nodeExists: return "the znode exists already \(mark). Set its data instead, or choose another name."
        case .notEmpty: return "the znode has children \(mark). Delete them first, or delete the subtree."
        case .badVersion:
            return "the znode has another version than the one given \(mark): somebody changed it. "
                + "Read it again and decide anew, or use version -1 for any."
        case .noAuth:
            return "no permission \(mark). Add an identity that the ACL of "
                + "\(deciding(operation, path) ?? znode) allows (addauth)."
        case .authFailed: return "the server refuses the credentials \(mark). Check the scheme, the user, the password."
        case .invalidACL:
            return "the ACL is empty, of an unknown scheme, or of a wrong form \(mark). "
                + "An entry of scheme auth needs an authenticated connection (addauth)."
        case .noChildrenForEphemerals:
            return "the parent is an ephemeral znode, which cannot have children \(mark). Choose another parent."
        case .badArguments: return "the server refuses the arguments \(mark). Check the path, the flags and the TTL."
        case .marshallingError: return "the server cannot read the request \(mark)."
        case .unimplemented:
            return "the server does not know this request, or has it switched off \(mark). "
                + "TTL znodes need extendedTypesEnabled=true, reconfig needs an ensemble."
        case .notReadOnly:
            return "the server is read-only now, since it has no quorum \(mark). Try again when the quorum is back."
        case .quotaExceeded: return "the quota of a parent would be exceeded \(mark). Raise it, or delete something."
        case .noWatcher: return "this client has no such watch there \(mark)."
        case .reconfigDisabled: return "the server does not allow reconfig \(mark). Set reconfigEnabled=true there."
        case .newConfigNoQuorum:
            return "no quorum of the new ensemble is up to date with the leader \(mark). Start its servers first."
        case .reconfigInProgress: return "another reconfig is in progress \(mark). Try again later."
        case .throttledOp: return "the server is overloaded and has dropped the request \(mark). Try again later."
        case .sessionMoved:
            return "another server has taken over the session \(mark). Try again: the client is reconnecting."
        case .sessionExpired:
            return "the session has expired \(mark). Its ephemeral znodes are gone; make a new client."
        case .sessionClosedRequireSASLAuth: return "the server demands SASL authentication \(mark)."
        case .operationTimeout, .requestTimeout: return "the server gave up on the request \(mark). Try again."
        default: return "the server answered \(mark)."
        }
    }

    /// The znode whose ACL decides: creates and deletes ask the parent's.
    private static func deciding(_ operation: String, _ path: ZnodePath?) -> String? {
        operation.hasPrefix("create") || operation == "delete" ? path?.parent?.string : path?.string
    }
}

extension ZooKeeperError {
    /// The error of a call that has got no reply.
    static func unanswered(
        _ failure: Request.Failure, operation: String, path: ZnodePath?, isRead: Bool, requestBytes: Int
    ) -> Self {
        let isOutcomeUnknown = failure.isWritten && !isRead
        var text: String
        var isReplyTooLong = false
        switch failure.cause {
        case .connectionLost(let reason):
            text = "the connection was lost before the reply (\(reason))"
            if requestBytes > 0xfffff {
                text +=
                    "; the request has \(requestBytes) bytes, servers take 1048575 unless their jute.maxbuffer is raised"
            }
        case .timedOut(let reason):
            text = "no reply within the request timeout" + (reason.map { " (\($0))" } ?? "")
        case .over(.expired): text = "the session has expired; its ephemeral znodes are gone. Make a new client"
        case .over(.replaced):
            text = "the session is over, a server has given another one in its place. Make a new client"
        case .over(.givenUp(let silence)):
            text =
                "the session was given up after \(silence) without an answer of the ensemble; its ephemeral znodes live "
                + "until the ensemble ends it. Make a new client"
        case .over(.authFailed(let reason)):
            text =
                (reason ?? "the server has refused the credentials of this session")
                + ". Check the credentials, make a new client"
        case .over(.unusable(let reason)): text = "the client cannot be used: \(reason)"
        case .over(.closed): text = "the client is closed"
        case .replyTooLong(let bytes, let bytesMax):
            isReplyTooLong = true
            text = "the reply has \(bytes) bytes, and at most \(bytesMax) are taken (jute.maxbuffer)"
        }
        if isOutcomeUnknown { text += ". Whether the change was made is not known: read before you try again" }
        return Self(
            code: failure.cause.code, operation: operation, path: path,
            message: "\(subject(operation, path)): \(text) (\(failure.cause.code), \(failure.cause.code.rawValue)).",
            isOutcomeUnknown: isOutcomeUnknown, isReplyTooLong: isReplyTooLong)
    }
}
