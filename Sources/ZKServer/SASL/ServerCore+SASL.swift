import Logging
import NIOCore
import ZKCore
import ZKTree
import ZKWire

/// Who must prove what, and how. Source: `ZooKeeperServer.processSasl`, `AuthenticationHelper`.
extension ServerCore {
    /// Answered at once, as auth is. Under the exclusive lock.
    func answerSASL(_ request: ServerRequest, _ connection: Connection) {
        defer { connection.noteSent(in: self) }
        guard let sasl = configuration.sasl else {
            // Without a mechanism the answer is a null token.
            writeSASLReply(request.xid, token: nil, to: connection)
            return
        }
        var reader = JuteReader(request.body, lengthMax: lengthMax)
        let token: [UInt8]
        do throws(JuteError) {
            token = try SASLRequest(from: &reader).token ?? []
        } catch {
            close(connection)
            return
        }
        var exchange = connection.saslExchange ?? DigestMD5Exchange()
        let outcome = exchange.receive(token, passwords: sasl.users)
        connection.saslExchange = exchange
        switch outcome {
        case .challenge(let token):
            writeSASLReply(request.xid, token: token, to: connection)
        case .success(let user, let token):
            connection.requester.add(ACLIdentity(scheme: "sasl", id: UString(user)))
            if sasl.isSuperUser(user) { connection.requester.add(ACLIdentity(scheme: "super", id: "")) }
            writeSASLReply(request.xid, token: token, to: connection)
        case .failure:
            logger.info("a client fails to log in with SASL", metadata: ["peer": "\(connection.peer.text)"])
            let isRequired = configuration.requiredSchemes == ["sasl"]
            writeSASLReply(
                request.xid, err: isRequired ? .sessionClosedRequireSASLAuth : .authFailed, token: nil, to: connection)
            close(connection)
        }
    }

    private func writeSASLReply(
        _ xid: Int32, err: ErrorCode = .ok, token: [UInt8]?, to connection: Connection
    ) {
        connection.output.writeMultipleIntegers(
            Int32(16 + 4 + (token?.count ?? 0)), xid, Int64(0), err.rawValue, Int32(token?.count ?? -1))
        if let token { connection.output.writeBytes(token) }
    }

    /// Whether a request is refused since its client has not proved who it is; then it is answered and the connection
    /// closed.
    func refusesUnproved(_ type: OpCode, xid: Int32, _ connection: Connection) -> Bool {
        guard !configuration.requiredSchemes.isEmpty, type != .auth, type != .sasl,
            !connection.requester.identities.contains(where: {
                configuration.requiredSchemes.contains($0.scheme.string)
            })
        else { return false }
        connection.output.writeReply(xid: xid, zxid: 0, err: .sessionClosedRequireSASLAuth)
        connection.noteSent(in: self)
        close(connection)
        return true
    }
}
