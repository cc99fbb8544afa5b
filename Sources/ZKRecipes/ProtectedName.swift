internal import ZKCore

/// The name of a znode that its creator finds again when the reply to the create was lost: Curator's protected mode,
/// `_c_<uuid>-<suffix>NNNNNNNNNN`.
struct ProtectedName: Sendable {
    /// `_c_<uuid>-`
    let prefix: String
    /// Such as `lock-`.
    let suffix: String

    init(suffix: String) {
        self.prefix = "_c_\(ProtectedName.uuid())-"
        self.suffix = suffix
    }

    /// What is given to a sequential create.
    var base: String { prefix + suffix }

    /// A random UUID (version 4).
    static func uuid() -> String {
        var generator = SystemRandomNumberGenerator()
        let high = generator.next() & 0xFFFF_FFFF_FFFF_0FFF | 0x4000
        let low = generator.next() & 0x3FFF_FFFF_FFFF_FFFF | 0x8000_0000_0000_0000
        let digits = [high, low].map { value in
            let text = String(value, radix: 16)
            return String(repeating: "0", count: 16 - text.count) + text
        }.joined()
        var result = ""
        for (index, digit) in digits.enumerated() {
            if [8, 12, 16, 20].contains(index) { result.append("-") }
            result.append(digit)
        }
        return result
    }
}

/// A child of a recipe's znode that stands in the queue by the number at the end of its name.
struct Contender: Comparable, Sendable {
    let name: String
    let sequence: Int32

    /// nil when the name does not end in a sequence number, so that the znode is not a contender.
    init?(name: String) {
        let digits = name.utf8.suffix(10)
        guard digits.count == 10, let sequence = Int32(Substring(digits)) else { return nil }
        self.name = name
        self.sequence = sequence
    }

    static func < (a: Self, b: Self) -> Bool {
        a.sequence != b.sequence ? a.sequence < b.sequence : a.name < b.name
    }
}
