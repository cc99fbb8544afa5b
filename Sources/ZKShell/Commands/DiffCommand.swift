internal import ShellLanguage
internal import ZKClient
internal import ZKCore
internal import ZKText

struct DiffCommand: ShellCommand {
    static let declaration = CommandDeclaration(
        name: "diff", group: .znodes, abstract: "Compare two znodes or two subtrees.",
        discussion: """
            A and B can be znodes here or elsewhere (zk://HOSTS/PATH, zks://HOSTS/PATH, @PROFILE:/PATH), or in the files of
            a server, as they were at any moment (offline:DATADIR@MOMENT:/PATH). A digest hash that the server hides
            counts as equal to any of that user. A path that is ephemeral on one side is left out. With --json-data, data
            that is JSON on both sides is compared by what it means, and the places that differ are shown.
            """,
        examples: [
            .init("diff /a /b", "the data of two znodes"),
            .init("diff -r -q /app zk://other:2181/app", "only which differ"),
            .init("diff -r offline:/var/lib/zookeeper@10:01:/app /app", "what changed since then"),
            .init("diff -r --json-data --exclude tmp /app zk://other:2181/app", "what is different in meaning"),
            .init("diff -r --plan /app /app2", "the commands that make A like B"),
        ],
        exitStatuses: [
            .init(.success, "no difference"), .init(.failure, "they differ"), .init(.noNode, "A or B does not exist"),
        ])

    @Flag(name: .customShort("r"), help: "The subtrees.")
    var isRecursive = false

    @Flag(name: .customShort("q"), help: "Only which znodes differ.")
    var isBrief = false

    @Flag(name: .customLong("data"), help: "Compare the data; this is the default.")
    var comparesData = false

    @Flag(name: .customLong("acl"), help: "Compare the ACLs.")
    var comparesACL = false

    @Flag(name: .customLong("stat"), help: "Compare versions, lengths, counts and kinds.")
    var comparesStat = false

    @Flag(name: .customLong("plan"), help: "Print the commands that make A like B.")
    var printsPlan = false

    @Flag(name: .customLong("ephemeral"), help: "Ephemeral znodes too.")
    var includesEphemerals = false

    @Option(
        help: ArgumentHelp(
            "Leave out znodes of that name, or with a slash of that path below the root, with what is below them.",
            valueName: "glob"))
    var exclude: [String] = []

    @Flag(name: .customLong("json-data"), help: "Compare data that is JSON by what it means.")
    var comparesJSON = false

    @Argument(help: "The one side.")
    var a: PathOperand

    @Argument(help: "The other.")
    var b: PathOperand

    func run(in shell: ShellContext) async throws {
        guard [comparesData, comparesACL, comparesStat].filter({ $0 }).count <= 1 else {
            throw UsageError("give one of --data, --acl and --stat")
        }
        guard !(printsPlan && comparesStat) else {
            throw UsageError("no command changes a stat: not --plan with --stat")
        }
        guard !(comparesJSON && (comparesACL || comparesStat)) else {
            throw UsageError("--json-data compares data: not with --acl or --stat")
        }
        let (left, right) = (try Endpoint(a, in: shell), try Endpoint(b, in: shell))
        let differs = try await left.withReadTree(in: shell) { a in
            try await right.withReadTree(in: shell) { b in
                for tree in [a, b] {
                    guard try await tree.naming({ try await tree.reader.exists(tree.root) }) != nil else {
                        throw ShellError(.noNode, "\(tree.name): node does not exist", code: .noNode, path: tree.root)
                    }
                }
                return try await compare(a, b, in: shell)
            }
        }
        if differs { throw ShellError.silent(.failure) }
    }

    private func compare(_ a: ReadTree, _ b: ReadTree, in shell: ShellContext) async throws -> Bool {
        var difference = SubtreeDifference(a: a, b: b, isRecursive: isRecursive)
        difference.aspect = comparesACL ? .acl : comparesStat ? .stat : .data
        difference.includesEphemerals = includesEphemerals
        difference.excludes = ExcludedPaths(exclude)
        difference.comparesJSON = comparesJSON
        let isOneEnsemble = a.place == nil && b.place == nil
        var differs = false
        try await difference.run { finding in
            if printsPlan, !differs {
                try shell.output.writeLine(
                    TerminalText.escaped("# makes \(a.fullName) like \(b.fullName): run it where the first is"))
            }
            differs = true
            if printsPlan {
                let plan = DifferencePlan(source: b, rootA: a.root)
                for line in try await plan.commands(for: finding, in: shell) { try shell.output.writeLine(line) }
            } else {
                var result = DifferenceResult(finding: finding, isBrief: isBrief)
                if !isOneEnsemble { result.places = (a.fullPlace, b.fullPlace) }
                try shell.emit(result)
            }
        }
        return differs
    }
}

/// The commands that make A like B.
private struct DifferencePlan {
    let source: ReadTree
    let rootA: ZnodePath

    func commands(for finding: SubtreeDifference.Finding, in shell: ShellContext) async throws -> [String] {
        switch finding {
        case .onlyInA(let path): return ["deleteall \(ShellQuoting.quoted(path.string))"]
        case .onlyInB(let path):
            var script = ExportScript()
            var lines: [[UInt8]] = []
            var failures = FailureTally()
            let read = try await SubtreeReader(root: path, acls: .carried)
                .read(from: source.reader, failures: &failures, report: shell.workReport) { batch in
                    for var record in batch.records {
                        record.path = record.path.rebased(from: source.root, to: rootA)
                        lines.append(script.commands(for: record))
                    }
                }
            lines.append(script.rest())
            try failures.finish(of: read.count + failures.count)
            return lines.joined().split(separator: .newline).map { String(decoding: $0, as: UTF8.self) }
        case .data(let path, _, _, let wanted), .json(let path, _, _, let wanted, _):
            let quoted = ShellQuoting.quoted(path.string)
            guard let wanted else { return ["set --null \(quoted)"] }
            if let text = String(validating: wanted, as: UTF8.self) {
                return ["set \(quoted) \(ShellQuoting.quoted(text))"]
            }
            return ["set -b \(quoted) '\(Base64.encode(wanted))'"]
        case .acl(let path, let other, _, let wanted):
            if let user = wanted.hiddenDigest { throw source.named(ShellError.hiddenDigest(of: user, at: other)) }
            return ["setAcl \(ShellQuoting.quoted(path.string)) \(ShellQuoting.quoted(ACLOperand.text(of: wanted)))"]
        case .stat: return []
        }
    }
}

struct DifferenceResult: ShellResult {
    var finding: SubtreeDifference.Finding
    var isBrief: Bool
    /// What stands before the paths; nil where both sides are in one ensemble.
    var places: (a: String, b: String)?

    var json: JSONValue {
        guard let places, case .object(let members) = findingJSON else { return findingJSON }
        return .object(
            members + [
                .init(
                    name: "sources", value: .members(["a": .string(places.a), "b": .string(places.b)]))
            ])
    }

    private var findingJSON: JSONValue {
        switch finding {
        case .onlyInA(let path): .members(["path": JSONValue(path), "difference": "onlyInA"])
        case .onlyInB(let path): .members(["path": JSONValue(path), "difference": "onlyInB"])
        case .data(let a, let b, let mine, let other):
            .members([
                "path": JSONValue(a), "other": JSONValue(b), "difference": "data",
                "a": isBrief ? nil : .object(JSONValue.dataMembers(mine)),
                "b": isBrief ? nil : .object(JSONValue.dataMembers(other)),
            ])
        case .json(let a, let b, let mine, let other, let found):
            .members([
                "path": JSONValue(a), "other": JSONValue(b), "difference": "data",
                "a": isBrief ? nil : .object(JSONValue.dataMembers(mine)),
                "b": isBrief ? nil : .object(JSONValue.dataMembers(other)),
                "paths": .array(found.map { .members(["path": .string($0.path), "a": $0.a, "b": $0.b]) }),
            ])
        case .acl(let a, let b, let mine, let other):
            .members([
                "path": JSONValue(a), "other": JSONValue(b), "difference": "acl",
                "a": isBrief ? nil : JSONValue(mine), "b": isBrief ? nil : JSONValue(other),
            ])
        case .stat(let a, let b, let mine, let other):
            .members([
                "path": JSONValue(a), "other": JSONValue(b), "difference": "stat",
                "a": isBrief ? nil : JSONValue(mine), "b": isBrief ? nil : JSONValue(other),
            ])
        }
    }

    func writePlain(to output: Output) throws(ShellError) {
        switch finding {
        case .onlyInA(let path): try output.writeLine("Only in " + (places.map { $0.a } ?? "A: ") + path.string)
        case .onlyInB(let path): try output.writeLine("Only in " + (places.map { $0.b } ?? "B: ") + path.string)
        case .data(let a, let b, let mine, let other): try writeData(a, b, mine, other, to: output)
        case .json(let a, let b, _, _, let found):
            guard !isBrief else { return try writeTexts(a, b, "", "", to: output) }
            try output.writeLine("--- \(nameA(a))\n+++ \(nameB(b))")
            for place in found {
                for (sign, value, style) in [("-", place.a, Output.Style.red), ("+", place.b, .green)] {
                    guard let value else { continue }
                    let text = String(decoding: value.serialized, as: UTF8.self)
                    try output.write("\(sign)\(place.path): \(text)", style: style)
                    try output.writeLine()
                }
            }
        case .acl(let a, let b, let mine, let other):
            try writeTexts(a, b, mine.map(Self.line).joined(), other.map(Self.line).joined(), to: output)
        case .stat(let a, let b, let mine, let other):
            try writeTexts(a, b, Self.lines(mine), Self.lines(other), to: output)
        }
    }

    private func nameA(_ path: ZnodePath) -> String { (places?.a ?? "") + path.string }

    private func nameB(_ path: ZnodePath) -> String { (places?.b ?? "") + path.string }

    private func writeData(
        _ a: ZnodePath, _ b: ZnodePath, _ mine: [UInt8]?, _ other: [UInt8]?, to output: Output
    ) throws(ShellError) {
        guard let mine = text(of: mine), let other = text(of: other), mine != other else {
            return try output.writeLine("Data of \(nameA(a)) and \(nameB(b)) differ")
        }
        try writeTexts(a, b, mine, other, to: output)
    }

    private func writeTexts(
        _ a: ZnodePath, _ b: ZnodePath, _ mine: String, _ other: String, to output: Output
    ) throws(ShellError) {
        let text = isBrief ? "" : UnifiedDiff.text(mine, other, names: (nameA(a), nameB(b)))
        if text.isEmpty { return try output.writeLine("\(nameA(a)) and \(nameB(b)) differ") }
        for line in text.split(separator: "\n", omittingEmptySubsequences: false).dropLast() {
            let style: Output.Style =
                switch line.first {
                case "+": .green
                case "-": .red
                case "@": .cyan
                default: .plain
                }
            try output.write(String(line), style: style)
            try output.writeLine()
        }
    }

    /// Nil for what is not text.
    private func text(of data: [UInt8]?) -> String? {
        guard let data else { return "" }
        return data.contains(0) ? nil : String(validating: data, as: UTF8.self)
    }

    private static func line(_ entry: ACL) -> String { ACLOperand.text(of: [entry]) + "\n" }

    private static func lines(_ stat: Stat) -> String {
        """
        dataVersion = \(stat.version)
        aclVersion = \(stat.aversion)
        dataLength = \(stat.dataLength)
        numChildren = \(stat.numChildren)
        ephemeral = \(stat.ephemeralOwner != 0)

        """
    }
}
