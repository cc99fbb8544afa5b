internal import ZKCore
internal import ZKText

/// Reads an export, line by line, and as often as it is needed: it is looked through to its end before anything of it is
/// believed.
struct ExportReader: Sendable {
    /// The bytes from their start: a function that gives the next ones, and none at the end.
    typealias Opening = @Sendable () async throws -> () async throws -> [UInt8]

    /// The file, for messages.
    let name: String
    private let open: Opening

    init(name: String, open: @escaping Opening) {
        self.name = name
        self.open = open
    }

    /// What a whole export holds.
    struct Outline: Sendable {
        /// What the header names; nil without one.
        var root: ZnodePath?
        var first: ZnodePath?
        var count = 0
        /// Whether its end says so.
        var isWhole = false
        var hasACLs = false
        /// How many children of a znode are there, ephemeral ones aside.
        var childCounts: [ZnodePath: Int] = [:]
    }

    struct Batch: Sendable {
        var records: [ZnodeRecord] = []
        /// Znodes that could not be read when the export was made.
        var unread: [ZnodePath] = []
    }

    private static let batchMax = 512

    /// Reads the whole export.
    ///
    /// - Throws: ``ShellError`` 11 that names file and line.
    func outline() async throws -> Outline {
        try await parse { _ in }
    }

    /// Hands out the znodes, some hundred at a time, in the order of the export.
    ///
    /// - Throws: ``ShellError`` 11 that names file and line; what `body` throws.
    func read(_ body: (Batch) async throws -> Void) async throws {
        _ = try await parse(body)
    }

    // MARK: Lines

    private enum Line {
        case nothing
        /// `isList`: znodes follow up to `]}`.
        case header(ZnodePath, isList: Bool)
        case record(ZnodeRecord)
        case unread(ZnodePath)
        case end(count: Int64?)
        case endOfList
        /// Not a JSON value: perhaps the first line of a longer one.
        case incomplete
    }

    private func parse(_ body: (Batch) async throws -> Void) async throws -> Outline {
        var lines = LineSplitter(source: try await unpacked())
        var outline = Outline()
        var batch = Batch()
        var number = 0
        var isFirst = true
        var isList = false
        while let line = try await lines.next() {
            number += 1
            let parsed = try parse(line, number: number)
            if case .nothing = parsed { continue }
            guard !outline.isWhole else { throw broken(number, "it stands behind the end of the export") }
            switch parsed {
            case .nothing: break
            case .header(let path, let opensList):
                guard isFirst else { throw broken(number, "a second header: an export has one, on its first line") }
                outline.root = path
                isList = opensList
            case .record(let record):
                outline.note(record)
                batch.records.append(record)
            case .unread(let path): batch.unread.append(path)
            case .endOfList:
                guard isList else { throw broken(number, "the end of a list that was not begun") }
                outline.isWhole = true
            case .end(let count):
                guard !isList, count == Int64(outline.count) else {
                    throw broken(
                        number, "the export had \(count.map { "\($0)" } ?? "?") znodes, and \(outline.count) are here")
                }
                outline.isWhole = true
            case .incomplete:
                guard isFirst else { throw broken(number, "it is not JSON") }
                return try await parseWhole(line + [.newline] + lines.readRest(), body)
            }
            isFirst = false
            if batch.records.count + batch.unread.count >= Self.batchMax {
                try await body(batch)
                batch = Batch()
            }
        }
        guard !isList || outline.isWhole else {
            throw ShellError(
                .corruptFile, "\(name) ends after \(outline.count) znodes, before its list does: it was cut off")
        }
        if !batch.records.isEmpty || !batch.unread.isEmpty { try await body(batch) }
        return outline
    }

    private func parse(_ bytes: [UInt8], number: Int) throws(ShellError) -> Line {
        var line = bytes[...]
        while let last = line.last, last.isBlankOrNewline || last == UInt8(ascii: ",") { line.removeLast() }
        if line.isEmpty { return .nothing }
        if line.elementsEqual("]}".utf8) { return .endOfList }
        let opening = Array(#""znodes":["#.utf8)
        let opensList = line.count > opening.count && line.suffix(opening.count).elementsEqual(opening)
        if opensList { line = line.dropLast(opening.count + 1) + [UInt8(ascii: "}")] }
        let value: JSONValue
        do throws(JSONError) {
            value = try JSONValue(parsing: line)
        } catch {
            return .incomplete
        }
        if value["zoosh"]?.stringValue == "end" { return .end(count: value["znodes"]?.intValue) }
        if value["znodes"] != nil || value.arrayValue != nil { return .incomplete }
        if value["zoosh"] != nil { return .header(try header(value, number), isList: opensList) }
        do throws(ExportError) {
            return ZnodeRecord.isUnread(value)
                ? .unread(try ZnodeRecord.path(of: value)) : .record(try ZnodeRecord(json: value))
        } catch {
            throw broken(number, "\(error)")
        }
    }

    private func header(_ value: JSONValue, _ number: Int) throws(ShellError) -> ZnodePath {
        guard value["zoosh"]?.stringValue == "export", value["version"]?.intValue == 1 else {
            throw broken(number, "it is not an export that this version can read")
        }
        guard let root = value["root"]?.stringValue else { throw broken(number, "its header names no root") }
        do throws(ZnodePathError) {
            return try ZnodePath(root)
        } catch {
            throw broken(number, "\(error)")
        }
    }

    /// JSON that somebody has laid out anew.
    private func parseWhole(
        _ bytes: [UInt8], _ body: (Batch) async throws -> Void
    ) async throws -> Outline {
        let value: JSONValue
        do throws(JSONError) {
            value = try JSONValue(parsing: bytes)
        } catch {
            throw ShellError(.corruptFile, "\(name) is not JSON (\(error)); export writes what import reads")
        }
        var outline = Outline()
        if value["zoosh"] != nil { outline.root = try header(value, 1) }
        guard let elements = value["znodes"]?.arrayValue ?? value.arrayValue else {
            throw ShellError(.corruptFile, "\(name) has no list of znodes; export writes what import reads")
        }
        outline.isWhole = true
        var batch = Batch()
        for (index, element) in elements.enumerated() {
            do throws(ExportError) {
                if ZnodeRecord.isUnread(element) {
                    batch.unread.append(try ZnodeRecord.path(of: element))
                } else {
                    let record = try ZnodeRecord(json: element)
                    outline.note(record)
                    batch.records.append(record)
                }
            } catch {
                throw ShellError(.corruptFile, "\(name): znode \(index + 1): \(error)")
            }
        }
        try await body(batch)
        return outline
    }

    private func broken(_ line: Int, _ reason: String) -> ShellError {
        ShellError(.corruptFile, "\(name):\(line): \(reason)")
    }

    // MARK: Bytes

    private func unpacked() async throws -> () async throws -> [UInt8] {
        let next = try await open()
        let start = try await next()
        guard GunzipStream.isPacked(start) else {
            var isStart = true
            return {
                if isStart {
                    isStart = false
                    return start
                }
                return try await next()
            }
        }
        let stream = GunzipStream(start: start, source: next)
        return {
            do {
                return try await stream.read()
            } catch let damage as GunzipStream.Damage {
                throw ShellError(.corruptFile, "\(name): \(damage)")
            }
        }
    }
}

extension ExportReader.Outline {
    fileprivate mutating func note(_ record: ZnodeRecord) {
        count += 1
        if first == nil { first = record.path }
        if record.acl != nil { hasACLs = true }
        if !record.isEphemeral, let parent = record.path.parent { childCounts[parent, default: 0] += 1 }
    }
}

extension ExportReader {
    /// - Parameter name: `-` for the input of the command.
    /// - Throws: ``ShellError`` 74 when the file cannot be read.
    init(file name: String, in shell: ShellContext) throws(ShellError) {
        let input = shell.input
        if name == "-" {
            let spool = Spool { try await input.read() }
            self.init(name: "stdin") { Self.reading(try await spool.chunks()) }
            return
        }
        let file = try FileStream(name)
        guard file.isRegular else {
            // A pipe can be read once.
            let spool = Spool { try file.read() }
            self.init(name: name) { Self.reading(try await spool.chunks()) }
            return
        }
        self.init(name: name) {
            let file = try FileStream(name)
            return { try file.read() }
        }
    }

    private static func reading(_ chunks: [[UInt8]]) -> () async throws -> [UInt8] {
        var rest = chunks[...]
        return { rest.popFirst() ?? [] }
    }

    /// Keeps what can be read only once.
    private actor Spool {
        private let source: @Sendable () async throws -> [UInt8]
        private var kept: [[UInt8]]?

        init(source: @escaping @Sendable () async throws -> [UInt8]) {
            self.source = source
        }

        func chunks() async throws -> [[UInt8]] {
            if let kept { return kept }
            var chunks: [[UInt8]] = []
            while case let chunk = try await source(), !chunk.isEmpty { chunks.append(chunk) }
            kept = chunks
            return chunks
        }
    }
}

/// Cuts a stream of bytes into lines.
struct LineSplitter {
    private let source: () async throws -> [UInt8]
    private var buffer: [UInt8] = []
    private var start = 0
    private var isAtEnd = false

    init(source: @escaping () async throws -> [UInt8]) {
        self.source = source
    }

    /// The next line without its newline; nil at the end.
    mutating func next() async throws -> [UInt8]? {
        var searched = start
        while true {
            if let end = buffer[searched...].firstIndex(of: .newline) {
                defer { start = end + 1 }
                return Array(buffer[start..<end])
            }
            searched = buffer.count
            if isAtEnd {
                guard start < buffer.count else { return nil }
                defer { start = buffer.count }
                return Array(buffer[start...])
            }
            let chunk = try await source()
            isAtEnd = chunk.isEmpty
            buffer.removeFirst(start)
            searched -= start
            start = 0
            buffer += chunk
        }
    }

    /// Everything that is left.
    mutating func readRest() async throws -> [UInt8] {
        var rest = Array(buffer[start...])
        while !isAtEnd {
            let chunk = try await source()
            isAtEnd = chunk.isEmpty
            rest += chunk
        }
        start = buffer.count
        return rest
    }
}
