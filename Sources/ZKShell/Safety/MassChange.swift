internal import ShellLanguage
internal import ZKClient
internal import ZKCore

/// Asks before many znodes are deleted or lose rights, once for all that a command names.
///
/// Every command that takes something away counts first, all its operands together, and comes here.
struct MassChange {
    /// What would be done, such as `delete 300 nodes in /a and 2 others`.
    var question: String
    /// How many znodes are concerned.
    var count: Int
    /// More are asked about.
    var limit: Int
    /// Only for the whole word: the root, or what belongs to the servers, is among them.
    var needsWord = false

    static let limitDefault = 100

    init(_ question: String, count: Int, limit: Int = limitDefault, needsWord: Bool = false) {
        self.question = question
        self.count = count
        self.limit = limit
        self.needsWord = needsWord
    }

    /// The paths as a question has them.
    static func names(_ paths: [ZnodePath]) -> String {
        guard let first = paths.first else { return "" }
        return paths.count == 1 ? "\(first)" : "\(first) and \(paths.count - 1) more"
    }

    /// - Parameter isForced: the command was told not to ask.
    /// - Throws: ``ShellError`` 1 when the answer is no; 2 with `--no-input`.
    func confirm(isForced: Bool = false, in shell: ShellContext) async throws {
        if isForced || shell.options.assumesYes { return }
        guard needsWord || count > limit else { return }
        guard try await shell.confirm(question + "?", needsWord: needsWord) else {
            throw ShellError(.failure, "nothing was changed: the answer was not yes")
        }
    }
}

extension ShellContext {
    /// The paths that `operands` stand for. A glob never stands for `/zookeeper` and what is below it, which must be
    /// named to be deleted.
    func expandForDeletion(_ operands: [PathOperand]) async throws -> [ZnodePath] {
        var paths: [ZnodePath] = []
        var seen: Set<ZnodePath> = []
        for operand in operands {
            let sparesSystem = GlobExpansion(operand.word, in: workingPath)?.findsSystemByChance == true
            let found = try await expand([operand])
            let named = found.filter { !sparesSystem || !isSystem($0) }
            if named.isEmpty, !found.isEmpty {
                throw ShellError(
                    .noNode, "\(operand.word.text): no node matches but /zookeeper, which must be named to be deleted")
            }
            paths += named.filter { seen.insert($0).inserted }
        }
        return paths
    }

    /// Whether the znode belongs to the servers. Below a chroot none does.
    func isSystem(_ path: ZnodePath) -> Bool {
        guard session.connection.connectString.chroot.map(\.isRoot) ?? true else { return false }
        return path.isEqualOrBelow(ZnodePath(unchecked: "/zookeeper"))
    }
}

extension GlobExpansion {
    /// Whether it can match `/zookeeper` without having been written out.
    fileprivate var findsSystemByChance: Bool {
        guard base.isRoot, let first = steps.first else { return false }
        if case .name = first { return false }
        return true
    }
}
