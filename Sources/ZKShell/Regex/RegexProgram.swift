import ShellLanguage

/// A regular expression as instructions for ``RegexAutomaton`` and ``RegexBacktracker``: each takes a byte at most.
struct RegexProgram {
    enum Instruction {
        case byte(ByteSet)
        case split(Int, Int)
        case jump(Int)
        case assert(RegexSyntaxTree.Assertion)
        /// The place in the text goes into a slot: where a group starts or ends.
        case save(slot: Int)
        /// Likewise: where a round of a loop starts.
        case mark(slot: Int)
        /// To the next round, if this one has taken something.
        case loop(slot: Int, to: Int)
        case backReference(Int)
        case match
    }

    private(set) var instructions: [Instruction] = []
    private(set) var slotCount = 0
    private(set) var hasBackReference = false
    let ignoresCase: Bool

    /// Beyond that each byte of the text would cost too much.
    private static let instructionsMax = 50_000

    /// - Throws: ``UsageError`` for an expression that is too large.
    init(_ tree: RegexSyntaxTree, ignoresCase: Bool) throws(UsageError) {
        self.ignoresCase = ignoresCase
        // Those of ten groups are at fixed places, for the back references.
        slotCount = 20
        try emit(tree)
        try append(.match)
    }

    static func startSlot(ofGroup number: Int) -> Int { 2 * number }

    private mutating func append(_ instruction: Instruction) throws(UsageError) {
        guard instructions.count < Self.instructionsMax else { throw UsageError("Regular expression too big") }
        instructions.append(instruction)
    }

    private mutating func emit(_ tree: RegexSyntaxTree) throws(UsageError) {
        switch tree {
        case .empty: break
        case .characters(let set): try emit(set)
        case .sequence(let items): for item in items { try emit(item) }
        case .alternatives(let branches): try emitAlternatives(branches.map { .tree($0) })
        case .repeated(let body, let min, let max): try emit(body, min: min, max: max)
        case .group(let body, let number):
            let start = number < 10 ? Self.startSlot(ofGroup: number) : nil
            try append(.save(slot: start ?? 0))
            try emit(body)
            try append(.save(slot: start.map { $0 + 1 } ?? 1))
        case .assertion(let assertion): try append(.assert(assertion))
        case .backReference(let number):
            hasBackReference = true
            try append(.backReference(number))
        }
    }

    private enum Branch {
        case tree(RegexSyntaxTree)
        case bytes([ByteSet])
    }

    private mutating func emitAlternatives(_ branches: [Branch]) throws(UsageError) {
        var jumps: [Int] = []
        for (number, branch) in branches.enumerated() {
            let split = instructions.count
            if number < branches.count - 1 { try append(.split(0, 0)) }
            switch branch {
            case .tree(let tree): try emit(tree)
            case .bytes(let sets): for set in sets { try append(.byte(set)) }
            }
            guard number < branches.count - 1 else { continue }
            jumps.append(instructions.count)
            try append(.jump(0))
            instructions[split] = .split(split + 1, instructions.count)
        }
        for jump in jumps { instructions[jump] = .jump(instructions.count) }
    }

    private mutating func emit(_ body: RegexSyntaxTree, min: Int, max: Int?) throws(UsageError) {
        for _ in 0..<min { try emit(body) }
        guard let max else {
            let split = instructions.count
            let slot = slotCount
            slotCount += 1
            try append(.split(0, 0))
            try append(.mark(slot: slot))
            try emit(body)
            try append(.loop(slot: slot, to: split))
            instructions[split] = .split(split + 1, instructions.count)
            return
        }
        var splits: [Int] = []
        for _ in min..<Swift.max(min, max) {
            splits.append(instructions.count)
            try append(.split(0, 0))
            try emit(body)
        }
        for split in splits { instructions[split] = .split(split + 1, instructions.count) }
    }

    // MARK: Characters as bytes

    private mutating func emit(_ set: RegexSyntaxTree.CharacterSet) throws(UsageError) {
        var single = set.strayBytes
        var branches: [Branch] = []
        for range in set.ranges {
            for sequence in Self.sequences(of: range) {
                if sequence.count == 1 {
                    for byte in sequence[0] { single.insert(byte) }
                } else {
                    branches.append(.bytes(sequence.map { ByteSet($0) }))
                }
            }
        }
        if !single.isEmpty { branches.append(.bytes([single])) }
        // A set without members matches nothing.
        try emitAlternatives(branches.isEmpty ? [.bytes([ByteSet()])] : branches)
    }

    /// The forms in UTF-8 of the scalars of `range`: sequences of ranges of bytes.
    private static func sequences(of range: ClosedRange<UInt32>) -> [[ClosedRange<UInt8>]] {
        var result: [[ClosedRange<UInt8>]] = []
        var rest = [range]
        while let range = rest.popLast() {
            let (low, high) = (range.lowerBound, range.upperBound)
            // Between these lengths change, and the surrogates are left out.
            if low <= 0xDFFF, high >= 0xD800 {
                if low < 0xD800 { rest.append(low...0xD7FF) }
                if high > 0xDFFF { rest.append(0xE000...high) }
            } else if let last = [0x7F, 0x7FF, 0xFFFF].first(where: { low <= $0 && $0 < high }) {
                rest += [low...last, last + 1...high]
            } else if high <= 0x7F {
                result.append([UInt8(low)...UInt8(high)])
            } else if let cut = cut(low, high) {
                rest += [low...cut - 1, cut...high]
            } else if let low = Unicode.Scalar(low), let high = Unicode.Scalar(high) {
                result.append(zip(UTF8.encode(low)!, UTF8.encode(high)!).map { $0...$1 })
            }
        }
        return result
    }

    /// Where a range must be cut so that all bytes after the first that differs take all their values.
    private static func cut(_ low: UInt32, _ high: UInt32) -> UInt32? {
        for shift in [6, 12, 18] as [UInt32] {
            let mask: UInt32 = 1 << shift - 1
            guard low & ~mask != high & ~mask else { continue }
            if low & mask != 0 { return (low | mask) + 1 }
            if high & mask != mask { return high & ~mask }
        }
        return nil
    }
}
