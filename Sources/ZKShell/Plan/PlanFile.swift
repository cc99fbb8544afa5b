internal import Glibc
internal import ShellLanguage
internal import ZKCore
internal import ZKDigest
internal import ZKText

/// What the first line of a plan says.
struct PlanHeader: Sendable, Hashable {
    /// Both as people read them.
    var source: String
    var target: String
    /// The znode that is changed with what is below it.
    var root: ZnodePath
    /// The operand that names the target; nil when that is the ensemble of the session.
    var operand: String?
    /// The last txn of the target when the plan was begun.
    var zxid: Zxid
    var carriesACLs = true
}

/// How many changes a plan has.
struct PlanCounts: Sendable, Hashable {
    var creates = 0
    var sets = 0
    var acls = 0
    var counters = 0
    var deletes = 0

    var isEmpty: Bool { self == Self() }

    mutating func count(_ op: PlanOp) {
        switch op.action {
        case .create: creates += 1
        case .set: sets += 1
        case .acl: acls += 1
        case .counter: counters += 1
        case .delete: deletes += 1
        }
    }

    var json: JSONValue {
        .members([
            "zoosh": "end", "create": .int(Int64(creates)), "set": .int(Int64(sets)), "acl": .int(Int64(acls)),
            "counter": .int(Int64(counters)), "delete": .int(Int64(deletes)),
        ])
    }
}

/// Writes a plan as lines of JSON: a header, the changes in the order in which they are made, and a line that tells their
/// numbers and the SHA-256 of all before it.
final class PlanWriter {
    private let output: Output
    private var digest = SHA256()
    private(set) var counts = PlanCounts()

    init(to output: Output) {
        self.output = output
    }

    func write(_ header: PlanHeader) throws(ShellError) {
        try writeLine(
            .members([
                "zoosh": "plan", "version": 1, "source": .string(header.source), "target": .string(header.target),
                "root": JSONValue(header.root), "operand": header.operand.map { .string($0) },
                "zxid": .string(header.zxid.description), "acls": .bool(header.carriesACLs),
            ]))
    }

    func write(_ op: PlanOp) throws(ShellError) {
        counts.count(op)
        try writeLine(op.json)
    }

    func finish() throws(ShellError) {
        guard case .object(var members) = counts.json else { return }
        members.append(.init(name: "sha256", value: .string(Hex.encode(digest.finish()))))
        try output.write(JSONValue.object(members).serialized + [.newline])
        try output.flush()
    }

    private func writeLine(_ value: JSONValue) throws(ShellError) {
        let line = value.serialized + [.newline]
        digest.update(line)
        try output.write(line)
    }
}

/// Reads a plan, as often as it is needed.
struct PlanReader: Sendable {
    let name: String
    private let open: ExportReader.Opening

    init(name: String, open: @escaping ExportReader.Opening) {
        self.name = name
        self.open = open
    }

    /// - Throws: ``ShellError`` 74 when the file cannot be read.
    init(file name: String, shownAs shownName: String? = nil) throws(ShellError) {
        let file = try FileStream(name)
        guard file.isRegular else {
            throw ShellError(.localIO, "\(name) is no regular file: a plan is read more than once")
        }
        self.init(name: shownName ?? name) {
            let file = try FileStream(name)
            return { try file.read() }
        }
    }

    /// Whether a file begins as plans do.
    static func isPlan(_ name: String) -> Bool {
        guard let file = try? FileStream(name), file.isRegular, let start = try? file.read() else { return false }
        return start.starts(with: #"{"zoosh":"plan""#.utf8)
    }

    /// Reads all of it; nothing of a plan that is not whole and as it was made is believed.
    ///
    /// - Throws: ``ShellError`` 11 that names the line.
    func check() async throws -> (header: PlanHeader, counts: PlanCounts) {
        var counts = PlanCounts()
        let header = try await parse { counts.count($0) }
        return (header, counts)
    }

    /// Hands out the changes in their order.
    func read(_ body: (PlanOp) async throws -> Void) async throws {
        _ = try await parse(body)
    }

    private func parse(_ body: (PlanOp) async throws -> Void) async throws -> PlanHeader {
        var lines = LineSplitter(source: try await open())
        var header: PlanHeader?
        var counts = PlanCounts()
        var digest = SHA256()
        var isWhole = false
        var number = 0
        while let line = try await lines.next() {
            number += 1
            guard !isWhole else { throw broken(number, "it stands behind the end of the plan") }
            let value: JSONValue
            do throws(JSONError) {
                value = try JSONValue(parsing: line)
            } catch {
                throw broken(number, header == nil ? "this is no plan" : "it is not JSON: \(error)")
            }
            guard let root = header?.root else {
                header = try self.header(value)
                digest.update(line + [.newline])
                continue
            }
            if value["zoosh"] != nil {
                guard case .object(let members) = counts.json,
                    case .object(let given) = value, given.dropLast() == members[...],
                    value["sha256"]?.stringValue == Hex.encode(digest.finish())
                else {
                    throw broken(number, "the plan is not as it was made; make it again")
                }
                isWhole = true
                continue
            }
            digest.update(line + [.newline])
            let op: PlanOp
            do throws(ExportError) {
                op = try PlanOp(json: value)
            } catch {
                throw broken(number, "\(error)")
            }
            guard op.isPossible(below: root) else {
                throw broken(number, "\(op.path) is not for this plan to change, which is for \(root)")
            }
            counts.count(op)
            try await body(op)
        }
        guard let header else { throw ShellError(.corruptFile, "\(name) is empty: this is no plan") }
        guard isWhole else {
            throw ShellError(.corruptFile, "\(name) ends after line \(number), before the plan does: it was cut off")
        }
        return header
    }

    private func header(_ value: JSONValue) throws(ShellError) -> PlanHeader {
        guard value["zoosh"]?.stringValue == "plan" else { throw broken(1, "this is no plan") }
        guard value["version"]?.intValue == 1 else { throw broken(1, "this version cannot read such a plan") }
        guard let source = value["source"]?.stringValue, let target = value["target"]?.stringValue,
            let root = value["root"]?.stringValue.flatMap({ try? ZnodePath($0) }),
            let zxid = value["zxid"].flatMap(Zxid.init(json:)), let carriesACLs = value["acls"]?.boolValue
        else { throw broken(1, "its header is not whole") }
        return PlanHeader(
            source: source, target: target, root: root, operand: value["operand"]?.stringValue, zxid: zxid,
            carriesACLs: carriesACLs)
    }

    private func broken(_ line: Int, _ reason: String) -> ShellError {
        ShellError(.corruptFile, "\(name):\(line): \(reason)")
    }
}

extension PlanOp {
    /// Whether a plan for `root` may have it: parents of the root can be created.
    fileprivate func isPossible(below root: ZnodePath) -> Bool {
        if path.isSystem { return false }
        if case .create = action, root.isEqualOrBelow(path), !path.isRoot { return true }
        return path.isEqualOrBelow(root)
    }
}

/// A file without a name, which is gone with the process.
final class UnnamedFile: Sendable {
    private let descriptor: Int32
    /// By which this process can open it again.
    let path: String

    init() throws(ShellError) {
        let directory = getenv("TMPDIR").map { String(cString: $0) } ?? "/tmp"
        var template = Array("\(directory)/zoosh-XXXXXX".utf8CString)
        descriptor = mkstemp(&template)
        guard descriptor >= 0 else {
            throw ShellError(.localIO, "cannot make a file in \(directory): \(systemErrorText(errno))")
        }
        unlink(template)
        _ = fcntl(descriptor, F_SETFD, FD_CLOEXEC)
        path = "/proc/self/fd/\(descriptor)"
    }

    deinit {
        close(descriptor)
    }

    var output: Output { Output(descriptor: descriptor, isTerminal: false) }
}
