/// What a terminal shows: rows of characters and a cursor, changed by the control sequences that GNU readline and
/// zoosh send to an xterm.
///
/// A character in the last column leaves the cursor there, and only the next one goes to the next row. A sequence that
/// is not known here is kept in ``strays``: a test that expects none notices what got through to the terminal.
struct Screen {
    private(set) var rowCount: Int
    private(set) var columnCount: Int
    private(set) var rows: [[Character]]
    private(set) var row = 0
    private(set) var column = 0
    private(set) var bellCount = 0
    /// Sequences that mean nothing here, such as one that renames the window.
    private(set) var strays: [String] = []
    private(set) var isPasteBracketed = false
    /// Whether anything was shown in a colour.
    private(set) var hasColor = false

    private var wrapsNext = false
    private var state = State.text
    private var pending: [UInt8] = []

    private enum State {
        case text
        case escape
        case sequence
        /// Up to BEL or ESC \.
        case string
        case charset
    }

    init(rows: Int, columns: Int) {
        rowCount = rows
        columnCount = columns
        self.rows = Array(repeating: [], count: rows)
    }

    /// The rows without the blanks at their ends, and without the empty ones below the last.
    var lines: [String] {
        var lines = rows.map { row in
            var row = row[...]
            while row.last == " " { row.removeLast() }
            return String(row)
        }
        while lines.last == "" { lines.removeLast() }
        return lines
    }

    var text: String { lines.joined(separator: "\n") }

    /// The row that the cursor is in.
    var currentLine: String { row < lines.count ? lines[row] : "" }

    /// The terminal gets another size. As xterm does it, rows are neither joined nor broken.
    mutating func resize(rows newRows: Int, columns newColumns: Int) {
        while row >= newRows {
            rows.removeFirst()
            rows.append([])
            row -= 1
        }
        rows = Array((rows + Array(repeating: [], count: newRows)).prefix(newRows)).map { Array($0.prefix(newColumns)) }
        (rowCount, columnCount) = (newRows, newColumns)
        column = min(column, newColumns - 1)
        wrapsNext = false
    }

    mutating func feed(_ bytes: some Sequence<UInt8>) {
        for byte in bytes { feed(byte) }
    }

    private mutating func feed(_ byte: UInt8) {
        switch state {
        case .text: feedText(byte)
        case .escape: feedEscape(byte)
        case .charset: state = .text
        case .sequence:
            pending.append(byte)
            if (0x40...0x7E).contains(byte) {
                state = .text
                perform(String(decoding: pending, as: UTF8.self))
                pending = []
            }
        case .string:
            pending.append(byte)
            if byte == 0x07 || pending.suffix(2) == [0x1B, 0x5C] {
                strays.append(String(decoding: pending, as: UTF8.self))
                state = .text
                pending = []
            }
        }
    }

    private mutating func feedText(_ byte: UInt8) {
        switch byte {
        case 0x07: bellCount += 1
        case 0x08:
            column = max(0, column - 1)
            wrapsNext = false
        case 0x09:
            column = min(columnCount - 1, (column / 8 + 1) * 8)
        case 0x0A: lineFeed()
        case 0x0D:
            column = 0
            wrapsNext = false
        case 0x1B: state = .escape
        case 0x00..<0x20, 0x7F: strays.append("control \(byte)")
        case 0x20..<0x7F: put(Character(Unicode.Scalar(byte)))
        default: feedCharacter(byte)
        }
    }

    private mutating func feedCharacter(_ byte: UInt8) {
        pending.append(byte)
        let length = pending[0] >= 0xF0 ? 4 : pending[0] >= 0xE0 ? 3 : pending[0] >= 0xC0 ? 2 : 1
        guard pending.count >= length else { return }
        let scalar = String(validating: pending, as: UTF8.self)?.unicodeScalars.first
        if let scalar, scalar.value >= 0xA0 {
            put(Character(scalar))
        } else {
            strays.append("bytes \(pending)")
        }
        pending = []
    }

    private mutating func feedEscape(_ byte: UInt8) {
        state = .text
        switch byte {
        case UInt8(ascii: "["): state = .sequence
        case UInt8(ascii: "]"), UInt8(ascii: "P"), UInt8(ascii: "_"), UInt8(ascii: "^"): state = .string
        case UInt8(ascii: "("), UInt8(ascii: ")"): state = .charset
        case UInt8(ascii: "="), UInt8(ascii: ">"): break
        default: strays.append("ESC \(byte)")
        }
    }

    // MARK: Sequences

    private mutating func perform(_ sequence: String) {
        let parameters = String(sequence.dropLast())
        let numbers = parameters.split(separator: ";", omittingEmptySubsequences: false).map { Int($0) ?? 0 }
        let count = max(1, numbers.first ?? 1)
        switch (sequence.last, parameters) {
        case ("A", _): moveTo(row: row - count, column: column)
        case ("B", _): moveTo(row: row + count, column: column)
        case ("C", _): moveTo(row: row, column: column + count)
        case ("D", _): moveTo(row: row, column: column - count)
        case ("G", _): moveTo(row: row, column: count - 1)
        case ("H", _): moveTo(row: count - 1, column: max(1, numbers.count > 1 ? numbers[1] : 1) - 1)
        case ("J", ""), ("J", "0"): eraseBelow()
        case ("J", "2"), ("J", "3"): rows = Array(repeating: [], count: rowCount)
        case ("K", ""), ("K", "0"): rows[row] = Array(rows[row].prefix(column))
        case ("P", _):
            let end = min(rows[row].count, column + count)
            if column < end { rows[row].removeSubrange(column..<end) }
        case ("@", _):
            pad(to: column)
            rows[row].insert(contentsOf: Array(repeating: " ", count: count), at: column)
            rows[row] = Array(rows[row].prefix(columnCount))
        case ("m", _): hasColor = hasColor || numbers.contains { (30...49).contains($0) }
        case ("h", "?2004"): isPasteBracketed = true
        case ("l", "?2004"): isPasteBracketed = false
        case ("h", "?1"), ("l", "?1"), ("h", "?1034"), ("l", "?1034"): break
        default: strays.append("CSI \(sequence)")
        }
    }

    private mutating func moveTo(row newRow: Int, column newColumn: Int) {
        row = min(max(0, newRow), rowCount - 1)
        column = min(max(0, newColumn), columnCount - 1)
        wrapsNext = false
    }

    private mutating func eraseBelow() {
        rows[row] = Array(rows[row].prefix(column))
        for below in (row + 1)..<max(row + 1, rowCount) { rows[below] = [] }
    }

    // MARK: Characters

    private mutating func pad(to width: Int) {
        while rows[row].count < width { rows[row].append(" ") }
    }

    private mutating func put(_ character: Character) {
        if wrapsNext {
            column = 0
            lineFeed()
        }
        pad(to: column + 1)
        rows[row][column] = character
        wrapsNext = column == columnCount - 1
        if !wrapsNext { column += 1 }
    }

    private mutating func lineFeed() {
        wrapsNext = false
        if row == rowCount - 1 {
            rows.removeFirst()
            rows.append([])
        } else {
            row += 1
        }
    }
}
