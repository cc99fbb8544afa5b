import Testing

@testable import ZKShell

@Suite struct NaturalOrderTests {
    @Test(arguments: [
        ["n2", "n10"], ["n", "n0"], ["a", "b"], ["", "a"], ["n9", "n10", "n11", "n100"], ["n1", "n01"],
        ["lock-0000000009", "lock-0000000010"], ["a1b2", "a1b10"], ["a", "a1"], ["9", "a"],
        ["x99999999999999999998", "x99999999999999999999"], ["z", "\u{e9}"],
    ])
    func numbersCompareAsNumbers(names: [String]) {
        #expect(NaturalOrder.sorted(names.reversed()) == names)
    }

    @Test func isAStrictOrder() {
        let names = ["", "a", "a0", "a00", "a1", "a01", "a10", "a2", "b", "0", "00", "1a", "a1b", "a1b1"].map {
            Array($0.utf8)
        }
        for a in names {
            #expect(!NaturalOrder.precedes(a, a))
            for b in names where a != b {
                #expect(NaturalOrder.precedes(a, b) != NaturalOrder.precedes(b, a), "\(a) and \(b)")
                for c in names where NaturalOrder.precedes(a, b) && NaturalOrder.precedes(b, c) {
                    #expect(NaturalOrder.precedes(a, c), "\(a), \(b), \(c)")
                }
            }
        }
    }
}
