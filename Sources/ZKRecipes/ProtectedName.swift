internal import ZKCore

/// The name of a znode that its creator finds again when the reply to the create was lost, since it begins with a UUID.
struct ProtectedName: Sendable {
    /// No other znode's name begins so.
    let prefix: String
    /// What is given to a sequential create.
    let base: String

    /// Curator's protected mode, `_c_<uuid>-<suffix>`.
    ///
    /// - Parameter suffix: such as `lock-`.
    init(suffix: String) {
        prefix = "_c_\(ProtectedName.uuid())-"
        base = prefix + suffix
    }

    /// kazoo's `<uuid><mark>`, with a UUID that has no dashes.
    ///
    /// - Parameter mark: such as `__lock__`.
    init(kazooMark mark: String) {
        prefix = ProtectedName.plainUUID() + mark
        base = prefix
    }

    /// A random UUID (version 4).
    static func uuid() -> String {
        var result = ""
        for (index, digit) in plainUUID().enumerated() {
            if [8, 12, 16, 20].contains(index) { result.append("-") }
            result.append(digit)
        }
        return result
    }

    /// Likewise, without dashes.
    static func plainUUID() -> String {
        var generator = SystemRandomNumberGenerator()
        let high = generator.next() & 0xFFFF_FFFF_FFFF_0FFF | 0x4000
        let low = generator.next() & 0x3FFF_FFFF_FFFF_FFFF | 0x8000_0000_0000_0000
        return [high, low].map { value in
            let text = String(value, radix: 16)
            return String(repeating: "0", count: 16 - text.count) + text
        }.joined()
    }
}
