import Testing

@testable import ZKShell

@Suite struct CommandHistoryTests {
    @Test func keepsTheLinesInTheirOrder() {
        let history = CommandHistory()
        #expect(history.last == nil)
        history.append("ls /")
        history.append("get /a")
        #expect(history.all == ["ls /", "get /a"])
        #expect(history.last == "get /a")
        #expect(history.numbered.map(\.number) == [0, 1])
        history.replaceAll(with: ["pwd"])
        #expect(history.all == ["pwd"])
    }

    @Test func dropsTheOldestWhenItIsFull() {
        let history = CommandHistory()
        history.replaceAll(with: (0..<HistoryPolicy.entriesMax).map { "get /\($0)" })
        history.append("get /last")
        #expect(history.all.count == HistoryPolicy.entriesMax)
        #expect(history.all.first == "get /1")
        #expect(history.last == "get /last")
    }
}
