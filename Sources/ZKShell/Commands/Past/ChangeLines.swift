internal import ZKCore
internal import ZKReplica
internal import ZKText

/// Changes as lines, made of bytes: a log has hundreds of thousands of them.
struct ChangeLines {
    /// Whether lines name the znode, since they are of several.
    var showsPath = true
    private(set) var bytes: [UInt8] = []
    /// The second that ``secondText`` is the text of.
    private var second = Int64.min
    private var secondText: [UInt8] = []

    init(showsPath: Bool = true) {
        self.showsPath = showsPath
    }

    mutating func take() -> [UInt8] {
        defer { bytes.removeAll(keepingCapacity: true) }
        return bytes
    }

    mutating func append(_ change: ZnodeChange) {
        bytes += "0x".utf8
        appendHex(change.header.zxid.rawValue)
        bytes += "  ".utf8
        appendTime(change.header.timeMillis)
        bytes += "  ".utf8
        appendPadded(change.operation, to: 7)
        if showsPath, let path = change.path {
            bytes.append(.blank)
            bytes += path.bytes
            bytes.append(.blank)
        }
        bytes.append(.blank)
        appendDetails(of: change)
        appendAuthor(of: change)
        if change.count > 0 { bytes += " (\(change.number) of \(change.count) in one multi)".utf8 }
        if change.clockWentBack { bytes += " (the clock went back)".utf8 }
        bytes.append(.newline)
    }

    private mutating func appendDetails(of change: ZnodeChange) {
        switch change.action {
        case .create:
            appendPadded("v0", to: 8)
            appendSize(change.dataCount)
            switch change.kind {
            case .session: bytes += "  ephemeral".utf8
            case .container: bytes += "  container".utf8
            case .ttl(let millis): bytes += "  TTL \(millis) ms".utf8
            case .persistent, nil: break
            }
        case .set:
            appendVersions(of: change, UInt8(ascii: "v"))
            appendSize(change.dataCount)
        case .setACL:
            appendVersions(of: change, UInt8(ascii: "a"))
            appendSize(nil)
        case .delete: appendPadded(change.versionBefore.map { "v\($0) gone" } ?? "gone", to: 16)
        case .check: appendPadded(change.versionBefore.map { $0 == -1 ? "any version" : "v\($0)" } ?? "", to: 16)
        case .openSession(let timeout): bytes += "opened, timeout \(timeout) ms".utf8
        case .closeSession: bytes += "closed".utf8
        case .error(let code): bytes += "refused: \(code)".utf8
        }
        bytes += "  ".utf8
    }

    /// Who did it.
    private mutating func appendAuthor(of change: ZnodeChange) {
        switch change.cause {
        case .request: bytes += "session 0x".utf8
        case .endOfSession: bytes += "gone with its session 0x".utf8
        case .reaping:
            switch change.kind {
            case .container: bytes += "an empty container, reaped by the server".utf8
            case .ttl: bytes += "its TTL was over, reaped by the server".utf8
            default: bytes += "a container or TTL znode, reaped by the server".utf8
            }
            return
        }
        appendHex(change.header.clientID)
    }

    // MARK: Parts of lines

    private mutating func appendVersions(of change: ZnodeChange, _ letter: UInt8) {
        let start = bytes.count
        if let before = change.versionBefore {
            bytes.append(letter)
            appendDecimal(Int(before))
            bytes += " -> ".utf8
        }
        if let after = change.versionAfter {
            bytes.append(letter)
            appendDecimal(Int(after))
        }
        pad(from: start, to: 8)
    }

    /// `182 B`, to the right of 8 columns.
    private mutating func appendSize(_ count: Int?) {
        let start = bytes.count
        guard let count else { return pad(from: start, to: 8) }
        var digits = 1
        var rest = count
        while rest >= 10 {
            rest /= 10
            digits += 1
        }
        bytes.append(.blank)
        for _ in 0..<max(0, 5 - digits) { bytes.append(.blank) }
        appendDecimal(count)
        bytes += " B".utf8
    }

    private mutating func appendPadded(_ text: String, to width: Int) {
        let start = bytes.count
        bytes += text.utf8
        pad(from: start, to: width)
    }

    private mutating func pad(from start: Int, to width: Int) {
        for _ in 0..<max(0, width - (bytes.count - start)) { bytes.append(.blank) }
    }

    private mutating func appendDecimal(_ value: Int) {
        if value < 0 { bytes.append(UInt8(ascii: "-")) }
        var rest = value.magnitude
        let start = bytes.count
        repeat {
            bytes.append(UInt8(ascii: "0") + UInt8(rest % 10))
            rest /= 10
        } while rest > 0
        bytes[start...].reverse()
    }

    private mutating func appendHex(_ value: Int64) {
        let bits = UInt64(bitPattern: value)
        let digits = max(1, (64 - bits.leadingZeroBitCount + 3) / 4)
        for place in (0..<digits).reversed() {
            let digit = UInt8(truncatingIfNeeded: bits >> (UInt64(place) * 4)) & 15
            bytes.append(digit < 10 ? UInt8(ascii: "0") + digit : UInt8(ascii: "a") - 10 + digit)
        }
    }

    /// ISO 8601 in UTC; the text of a second is made once.
    private mutating func appendTime(_ millis: Int64) {
        guard millis >= 0 else {
            bytes += Timestamp.iso(millis: millis).utf8
            return
        }
        let (second, rest) = millis.quotientAndRemainder(dividingBy: 1000)
        if second != self.second {
            self.second = second
            secondText = Array(Timestamp.iso(millis: second * 1000).utf8.dropLast(4))
        }
        bytes += secondText
        let fraction = Int(rest)
        for digit in [fraction / 100, fraction / 10 % 10, fraction % 10] {
            bytes.append(UInt8(ascii: "0") + UInt8(digit))
        }
        bytes.append(UInt8(ascii: "Z"))
    }
}

extension ZnodeChange {
    /// The word for it, as `--type` takes it.
    var operation: String {
        switch action {
        case .create: "create"
        case .set: "set"
        case .delete: "delete"
        case .setACL: "acl"
        case .check: "check"
        case .openSession, .closeSession: "session"
        case .error: "error"
        }
    }
}

extension UInt8 {
    fileprivate static let blank = UInt8(ascii: " ")
}
