internal import ZKCore
internal import ZKText

/// Reads an export, line by line.
struct ExportReader: Sendable {
    /// The file, for messages.
    let name: String
    private let source: @Sendable () async throws -> [UInt8]

    /// - Parameter source: gives the next bytes; none at the end.
    init(name: String, source: @escaping @Sendable () async throws -> [UInt8]) {
        self.name = name
        self.source = source
    }

    /// - Throws: ``ShellError`` 74 when the file cannot be read.
    init(file name: String, in shell: ShellContext) throws(ShellError) {
        let input = shell.input
        if name == "-" {
            self.init(name: "stdin") { try await input.read() }
        } else {
            let file = try FileStream(name)
            self.init(name: name) { try file.read() }
        }
    }

    private static let batchMax = 512

    /// Hands out the znodes, some hundred at a time, in the order of the export.
    ///
    /// - Returns: the root that the export names; nil without a header.
    /// - Throws: ``ShellError`` 11 that names file and line; what `body` throws.
    @discardableResult
    func read(_ body: ([ZnodeRecord], _ root: ZnodePath?) async throws -> Void) async throws -> ZnodePath? {
        var lines = LineSplitter(source: source)
        var root: ZnodePath?
        var batch: [ZnodeRecord] = []
        var number = 0
        while let line = try await lines.next() {
            number += 1
            switch try parse(line, number: number) {
            case .nothing: continue
            case .header(let path): root = path
            case .record(let record): batch.append(record)
            case .incomplete:
                guard number == 1 else { throw broken(number, "it is not JSON") }
                return try await readWhole(line + [.newline] + lines.readRest(), body)
            }
            if batch.count >= Self.batchMax {
                try await body(batch, root)
                batch = []
            }
        }
        if !batch.isEmpty { try await body(batch, root) }
        return root
    }

    private enum Line {
        case nothing
        case header(ZnodePath)
        case record(ZnodeRecord)
        /// Not a JSON value: perhaps the first line of a longer one.
        case incomplete
    }

    private func parse(_ bytes: [UInt8], number: Int) throws(ShellError) -> Line {
        var line = bytes[...]
        while let last = line.last, last.isBlankOrNewline || last == UInt8(ascii: ",") { line.removeLast() }
        if line.isEmpty || line.elementsEqual("]}".utf8) { return .nothing }
        let opening = Array(#""znodes":["#.utf8)
        if line.count > opening.count, line.suffix(opening.count).elementsEqual(opening) {
            line = line.dropLast(opening.count + 1) + [UInt8(ascii: "}")]
        }
        let value: JSONValue
        do throws(JSONError) {
            value = try JSONValue(parsing: line)
        } catch {
            return .incomplete
        }
        if value["znodes"] != nil || value.arrayValue != nil { return .incomplete }
        if value["zoosh"] != nil { return .header(try header(value, number)) }
        do throws(ExportError) {
            return .record(try ZnodeRecord(json: value))
        } catch {
            throw broken(number, "\(error)")
        }
    }

    private func header(_ value: JSONValue, _ number: Int) throws(ShellError) -> ZnodePath {
        guard value["zoosh"]?.stringValue == "export", value["version"]?.intValue == 1 else {
            throw broken(number, "it is not an export that this version can read")
        }
        do throws(ZnodePathError) {
            return try ZnodePath(value["root"]?.stringValue ?? "/")
        } catch {
            throw broken(number, "\(error)")
        }
    }

    /// JSON that somebody has laid out anew.
    private func readWhole(
        _ bytes: [UInt8], _ body: ([ZnodeRecord], _ root: ZnodePath?) async throws -> Void
    ) async throws -> ZnodePath? {
        let value: JSONValue
        do throws(JSONError) {
            value = try JSONValue(parsing: bytes)
        } catch {
            throw ShellError(.corruptFile, "\(name) is not JSON (\(error)); export writes what import reads")
        }
        let root = value["zoosh"] == nil ? nil : try header(value, 1)
        guard let elements = value["znodes"]?.arrayValue ?? value.arrayValue else {
            throw ShellError(.corruptFile, "\(name) has no list of znodes; export writes what import reads")
        }
        var records: [ZnodeRecord] = []
        for (index, element) in elements.enumerated() {
            do throws(ExportError) {
                records.append(try ZnodeRecord(json: element))
            } catch {
                throw ShellError(.corruptFile, "\(name): znode \(index + 1): \(error)")
            }
        }
        try await body(records, root)
        return root
    }

    private func broken(_ line: Int, _ reason: String) -> ShellError {
        ShellError(.corruptFile, "\(name):\(line): \(reason)")
    }
}

/// Cuts a stream of bytes into lines.
struct LineSplitter {
    private let source: @Sendable () async throws -> [UInt8]
    private var buffer: [UInt8] = []
    private var start = 0
    private var isAtEnd = false

    init(source: @escaping @Sendable () async throws -> [UInt8]) {
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
