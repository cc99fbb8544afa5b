/// Aligned columns under a header.
public struct Table: Sendable {
    public struct Column: Sendable {
        public var title: String
        /// Numbers are aligned to the right.
        public var isNumber: Bool

        public init(_ title: String, isNumber: Bool = false) {
            self.title = title
            self.isNumber = isNumber
        }
    }

    private let columns: [Column]
    private var rows: [[String]] = []

    public init(columns: [Column]) {
        self.columns = columns
    }

    /// - Parameter cells: as many as there are columns.
    public mutating func add(_ cells: [String]) {
        precondition(cells.count == columns.count)
        rows.append(cells.map { TerminalText.escaped($0) })
    }

    public func write(to output: Output) throws(ShellError) {
        let widths = columns.indices.map { column in
            max(columns[column].title.count, rows.map { $0[column].count }.max() ?? 0)
        }
        try output.write(line(columns.map(\.title), widths: widths), style: .bold)
        try output.writeLine()
        for row in rows { try output.writeLine(line(row, widths: widths)) }
    }

    private func line(_ cells: [String], widths: [Int]) -> String {
        var line = ""
        for (index, cell) in cells.enumerated() {
            if index > 0 { line += "  " }
            let padding = String(repeating: " ", count: widths[index] - cell.count)
            if columns[index].isNumber {
                line += padding + cell
            } else if index == cells.count - 1 {
                line += cell
            } else {
                line += cell + padding
            }
        }
        return line
    }
}
