internal import ZKText

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
        rows.append(cells)
    }

    public func write(to output: Output) throws(ShellError) {
        try write(rows, to: output) { $0 }
    }

    /// Writes a row for each element, and holds no more than one.
    ///
    /// - Parameter cells: as many as there are columns; called twice for each element, first for the widths.
    func write<Element>(
        _ elements: [Element], to output: Output, cells: (Element) -> [String]
    ) throws(ShellError) {
        func escapedCells(_ element: Element) -> [String] {
            let cells = cells(element)
            precondition(cells.count == columns.count)
            return cells.map { TerminalText.escaped($0) }
        }
        var widths = columns.map(\.title.count)
        for element in elements {
            for (column, cell) in escapedCells(element).enumerated() {
                widths[column] = max(widths[column], cell.count)
            }
        }
        try output.write(line(columns.map(\.title), widths: widths), style: .bold)
        try output.writeLine()
        for element in elements { try output.writeLine(line(escapedCells(element), widths: widths)) }
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
