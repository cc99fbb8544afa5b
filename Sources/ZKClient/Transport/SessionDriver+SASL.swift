internal import Logging
internal import NIOCore
internal import Synchronization
internal import ZKCore
internal import ZKWire

/// The exchange that proves who we are, between the handshake and everything else.
extension SessionDriver {
    /// An exchange that goes on, and what to do when it has succeeded.
    struct Authentication {
        var exchange: DigestMD5
        /// Of the token whose reply is to come.
        var xid: Int32
    }

    func authenticate() {
        guard let options = configuration.sasl else { return handle(.authenticated) }
        let exchange =
            switch options {
            case .digestMD5(let user, let password): DigestMD5(user: user, password: password)
            }
        authentication = Authentication(exchange: exchange, xid: 0)
        noteStep(.authentication)
        sendToken(DigestMD5.initialToken)
    }

    private func sendToken(_ token: [UInt8]) {
        let xid = submissions.withLock { $0.nextXid() }
        authentication?.xid = xid
        var buffer = ByteBuffer()
        Frame.write(to: &buffer) {
            RequestHeader(xid: xid, type: .sasl).encode(into: &$0)
            SASLRequest(token: token).encode(into: &$0)
        }
        trace(.sent, "sasl", xid: xid, bytes: buffer.readableBytes)
        connection?.send(buffer)
        machine.sent(now: now)
    }

    /// Returns whether the reply was one of the exchange.
    func receivedToken(_ header: ReplyHeader, _ body: ByteBuffer, bytes: Int) -> Bool {
        guard var current = authentication, header.xid == current.xid else { return false }
        hasReply = true
        trace(.received, "sasl", xid: header.xid, bytes: bytes, zxid: header.zxid, error: header.err)
        do throws(DigestMD5.Failure) {
            guard header.err == .ok else { throw .init(reason: DigestMD5.refused) }
            switch try current.exchange.receive(try token(body)) {
            case .send(let token):
                authentication = current
                sendToken(token)
            case .done:
                authentication = nil
                handle(.authenticated)
            }
        } catch {
            logger.warning("SASL has failed", metadata: ["reason": "\(error.reason)"])
            endReason = "SASL: \(error.reason)"
            handle(.authRejected)
        }
        return true
    }

    private func token(_ body: ByteBuffer) throws(DigestMD5.Failure) -> [UInt8]? {
        var body = body
        do throws(JuteError) {
            return try SASLResponse(decoding: &body).token
        } catch {
            throw DigestMD5.Failure(reason: "the reply is not ZooKeeper's (\(error))")
        }
    }
}
