/// Looks for a match of an expression with back references, which no automaton can: one way after the other is tried.
///
/// That takes a time that may grow with the power of the length, so the steps are counted.
struct RegexBacktracker {
    private enum Retry {
        case branch(place: Int, offset: Int)
        case slot(Int, was: Int)
    }

    private let program: RegexProgram

    private static let stepsMax = 4_000_000
    private static let retriesMax = 1_000_000
    private static let unset = -1

    init(_ program: RegexProgram) {
        self.program = program
    }

    func matches(
        _ text: UnsafeBufferPointer<UInt8>, interruption: () throws(ShellError) -> Void
    ) throws(ShellError) -> Bool {
        var steps = 0
        for start in 0...text.count {
            if try matches(text, from: start, steps: &steps, interruption: interruption) { return true }
        }
        return false
    }

    private func matches(
        _ text: UnsafeBufferPointer<UInt8>, from start: Int, steps: inout Int,
        interruption: () throws(ShellError) -> Void
    ) throws(ShellError) -> Bool {
        var slots = [Int](repeating: Self.unset, count: program.slotCount)
        var retries: [Retry] = [.branch(place: 0, offset: start)]
        while let retry = retries.popLast() {
            guard case .branch(var place, var offset) = retry else {
                if case .slot(let slot, let was) = retry { slots[slot] = was }
                continue
            }
            attempt: while true {
                steps += 1
                if steps % (1 << 14) == 0 { try interruption() }
                guard steps <= Self.stepsMax, retries.count <= Self.retriesMax else {
                    throw ShellError(
                        .failure, "the expression takes too many steps; write it without back references (\\1)")
                }
                switch program.instructions[place] {
                case .match: return true
                case .byte(let set):
                    guard offset < text.count, set.contains(text[offset]) else { break attempt }
                    offset += 1
                case .split(let first, let second):
                    retries.append(.branch(place: second, offset: offset))
                    place = first
                    continue
                case .jump(let target):
                    place = target
                    continue
                case .save(let slot), .mark(let slot):
                    retries.append(.slot(slot, was: slots[slot]))
                    slots[slot] = offset
                case .loop(let slot, let target):
                    if slots[slot] != offset {
                        place = target
                        continue
                    }
                case .backReference(let number):
                    guard let length = lengthOfGroup(number, at: offset, in: text, slots) else { break attempt }
                    offset += length
                case .assert(let assertion):
                    let holds = assertion.holds(
                        isAtStart: offset == 0, isAfterWord: offset > 0 && text[offset - 1].isWordByte,
                        next: offset < text.count ? text[offset] : nil)
                    guard holds else { break attempt }
                }
                place += 1
            }
        }
        return false
    }

    /// The length of what the group has matched; nil when the text at `offset` is something else.
    private func lengthOfGroup(
        _ number: Int, at offset: Int, in text: UnsafeBufferPointer<UInt8>, _ slots: [Int]
    ) -> Int? {
        let start = slots[RegexProgram.startSlot(ofGroup: number)]
        let end = slots[RegexProgram.startSlot(ofGroup: number) + 1]
        guard start != Self.unset, end >= start, offset + end - start <= text.count else { return nil }
        for index in 0..<end - start where !isSame(text[start + index], text[offset + index]) { return nil }
        return end - start
    }

    private func isSame(_ a: UInt8, _ b: UInt8) -> Bool {
        a == b || program.ignoresCase && a ^ b == 0x20 && (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(a | 0x20)
    }
}
