internal import ZKCore

/// A child of a recipe's znode that stands in the queue by the number at the end of its name.
///
/// The number is the parent's cversion: a signed one of 32 bits, written with at least ten characters. It goes on from
/// 2147483647 to the smallest one where a server lets it; Apache's stays at 2147483647, so that all that come then have
/// the same number. Those are in the order of their creation, which only their stats tell.
struct Contender: Sendable, Hashable {
    let name: String
    let sequence: Int32
    /// The name without its number.
    let stem: Substring

    /// nil when the name does not end in a sequence number, so that the znode is not a contender, and for one that is not
    /// a name at all.
    init?(name: String) {
        guard ZnodePath.isName(name) else { return nil }
        let bytes = name.utf8
        let digits = bytes.suffix(10)
        let isNegative = digits.first == UInt8(ascii: "-")
        guard digits.count == 10,
            let value = Int64(String(Substring(isNegative ? digits.dropFirst() : digits))),
            digits.dropFirst().allSatisfy({ UInt8(ascii: "0") <= $0 && $0 <= UInt8(ascii: "9") }),
            digits.first != UInt8(ascii: "+")
        else { return nil }
        var stem = name[..<digits.startIndex]
        var number = isNegative ? -value : value
        // The smallest ones have eleven characters.
        if !isNegative, stem.hasSuffix("-"), value > Int32.max || stem.hasSuffix("--") || stem.hasSuffix("__-") {
            number = -value
            stem = stem.dropLast()
        }
        guard let sequence = Int32(exactly: number) else { return nil }
        self.name = name
        self.sequence = sequence
        self.stem = stem
    }

    /// How far it stands in front of `other`: not below zero for those in front of it and those with the same number.
    func lead(over other: Contender) -> Int32 { other.sequence &- sequence }

    /// A reader's lock: Curator's or kazoo's.
    var isReader: Bool { stem.hasSuffix("__READ__") || stem.hasSuffix("__rlock__") }

    /// Whose name it has; nil when that cannot be told.
    var layout: RecipeLayout? {
        if stem.hasSuffix("__lock__") || stem.hasSuffix("__rlock__") { return .kazoo }
        return Self.curatorStems.contains { stem.hasSuffix($0) } ? .curator : nil
    }

    private static let curatorStems = ["lock-", "latch-", "lease-", "__READ__", "__WRIT__"]

    /// All of `names` that are contenders, the first one first; those with the same number by name.
    static func queue(_ names: [String]) -> [Contender] {
        let contenders = names.compactMap(Contender.init(name:)).sorted {
            $0.sequence != $1.sequence ? $0.sequence < $1.sequence : $0.name < $1.name
        }
        // The numbers go round: the queue begins behind the widest gap.
        var widest: (gap: UInt32, start: Int) = (0, 0)
        for (index, contender) in contenders.enumerated() {
            let before = contenders[index == 0 ? contenders.count - 1 : index - 1]
            let gap = UInt32(bitPattern: contender.sequence &- before.sequence)
            if gap > widest.gap { widest = (gap, index) }
        }
        return Array(contenders[widest.start...] + contenders[..<widest.start])
    }
}
