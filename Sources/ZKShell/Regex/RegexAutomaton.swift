import ShellLanguage

/// Looks for a match of an expression without back references: the time is in proportion to the length of the text, the
/// memory is bounded.
///
/// A state is the set of instructions that the text so far may have led to. Steps between states are worked out when they
/// are first needed and kept; when too many are kept, all are given up.
final class RegexAutomaton {
    private struct State: Hashable {
        /// Instructions that the next byte starts from, ascending.
        var pending: [Int32]
        var isAtStart: Bool
        var isAfterWord: Bool
    }

    private static let unknown: Int32 = -1
    private static let match: Int32 = -2
    private static let symbols = 257
    private static let endOfText = 256
    private static let statesMax = 2048
    private static let pendingMax = 1 << 20

    private let program: RegexProgram
    private var states: [State] = []
    private var numbers: [State: Int32] = [:]
    private var steps: [Int32] = []
    private var pendingCount = 0
    private var seen: [Int]
    private var generation = 0

    init(_ program: RegexProgram) {
        self.program = program
        seen = [Int](repeating: 0, count: program.instructions.count)
    }

    /// - Parameter interruption: asked now and then; throws when the answer is not wanted any more.
    func matches(
        _ text: UnsafeBufferPointer<UInt8>, interruption: () throws(ShellError) -> Void
    ) throws(ShellError) -> Bool {
        var state = number(of: State(pending: [], isAtStart: true, isAfterWord: false))
        var work = 0
        for index in 0...text.count {
            let symbol = index < text.count ? Int(text[index]) : Self.endOfText
            var next = steps[Int(state) * Self.symbols + symbol]
            if next == Self.unknown {
                work += program.instructions.count
                next = step(from: state, symbol)
            }
            work += 1
            if work >= 1 << 16 {
                work = 0
                try interruption()
            }
            if next == Self.match { return true }
            state = next
        }
        return false
    }

    private func number(of state: State) -> Int32 {
        if let number = numbers[state] { return number }
        let number = Int32(states.count)
        numbers[state] = number
        states.append(state)
        pendingCount += state.pending.count
        steps.append(contentsOf: repeatElement(Self.unknown, count: Self.symbols))
        return number
    }

    private func step(from number: Int32, _ symbol: Int) -> Int32 {
        let state = states[Int(number)]
        let byte = symbol == Self.endOfText ? nil : UInt8(symbol)
        guard let pending = successors(of: state, byte) else {
            steps[Int(number) * Self.symbols + symbol] = Self.match
            return Self.match
        }
        let next = State(pending: pending, isAtStart: false, isAfterWord: byte.map(\.isWordByte) ?? false)
        if states.count >= Self.statesMax || pendingCount >= Self.pendingMax {
            states.removeAll(keepingCapacity: true)
            numbers.removeAll(keepingCapacity: true)
            steps.removeAll(keepingCapacity: true)
            pendingCount = 0
            return self.number(of: next)
        }
        let target = self.number(of: next)
        steps[Int(number) * Self.symbols + symbol] = target
        return target
    }

    /// Where the byte leads from `state`; nil when there is a match before it.
    private func successors(of state: State, _ byte: UInt8?) -> [Int32]? {
        generation += 1
        var open = state.pending
        // A match may start anywhere.
        open.append(0)
        var result: [Int32] = []
        while let place = open.popLast() {
            let index = Int(place)
            guard seen[index] != generation else { continue }
            seen[index] = generation
            switch program.instructions[index] {
            case .match: return nil
            case .byte(let set): if let byte, set.contains(byte) { result.append(place + 1) }
            case .split(let first, let second): open += [Int32(first), Int32(second)]
            case .jump(let target): open.append(Int32(target))
            case .loop(_, let target): open += [Int32(target), place + 1]
            case .save, .mark: open.append(place + 1)
            case .backReference: preconditionFailure("back references are for the backtracker")
            case .assert(let assertion):
                let holds = assertion.holds(
                    isAtStart: state.isAtStart, isAfterWord: state.isAfterWord, next: byte)
                if holds { open.append(place + 1) }
            }
        }
        return Set(result).sorted()
    }
}

extension RegexSyntaxTree.Assertion {
    /// - Parameter next: nil at the end of the text.
    func holds(isAtStart: Bool, isAfterWord: Bool, next: UInt8?) -> Bool {
        let isBeforeWord = next?.isWordByte ?? false
        return switch self {
        case .start: isAtStart
        case .end: next == nil
        case .wordStart: !isAfterWord && isBeforeWord
        case .wordEnd: isAfterWord && !isBeforeWord
        case .wordBoundary: isAfterWord != isBeforeWord
        case .noWordBoundary: isAfterWord == isBeforeWord
        }
    }
}

extension UInt8 {
    var isWordByte: Bool {
        isDigit || self == UInt8(ascii: "_") || (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(self | 0x20)
    }
}
