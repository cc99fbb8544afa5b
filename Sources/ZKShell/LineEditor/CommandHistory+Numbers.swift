extension CommandHistory {
    /// The lines with the numbers that `history` shows and `redo` takes.
    var numbered: [(number: Int, line: String)] {
        all.enumerated().map { (number: $0.offset, line: $0.element) }
    }
}
