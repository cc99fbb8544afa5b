internal import ShellLanguage
internal import ZKClient
internal import ZKCore

/// Finds the znodes that a path with globs stands for.
struct GlobExpansion {
    /// A component of the path.
    enum Step: Hashable, Sendable {
        case name(String)
        case pattern(GlobPattern)
        /// `**`: any number of levels, none included.
        case anyDepth
    }

    let base: ZnodePath
    let steps: [Step]

    /// Nil when `word` has no unquoted `*`, `?` or `[`: then it is a plain path.
    init?(_ word: Word, in workingPath: ZnodePath) {
        guard word.hasGlob else { return nil }
        var components: [[(scalar: Unicode.Scalar, isLiteral: Bool)]] = [[]]
        var offset = 0
        for scalar in word.text.unicodeScalars {
            if scalar == "/" {
                components.append([])
            } else {
                components[components.count - 1].append((scalar, word.isLiteral(at: offset)))
            }
            offset += UTF8.width(scalar)
        }
        var base = workingPath
        if components[0].isEmpty {
            base = .root
            components.removeFirst()
        }
        if components.last?.isEmpty == true { components.removeLast() }
        var steps: [Step] = []
        for component in components {
            let text = String(String.UnicodeScalarView(component.map(\.scalar)))
            let isQuoted = component.contains { $0.isLiteral }
            if text == "**", !isQuoted {
                steps.append(.anyDepth)
            } else if text == "." {
                continue
            } else if text == ".." {
                if steps.isEmpty {
                    base = base.parent ?? .root
                } else {
                    steps.removeLast()
                }
            } else {
                let pattern = GlobPattern(scalars: component)
                steps.append(pattern.isLiteral ? .name(pattern.literalText) : .pattern(pattern))
            }
        }
        self.base = base
        self.steps = steps
    }

    /// The matching paths in the order of zkCli's `ls`; znodes that vanish meanwhile are left out.
    func paths(on reader: any ZnodeReader) async throws -> [ZnodePath] {
        var found: [ZnodePath] = [base]
        for (index, step) in steps.enumerated() {
            let isLast = index == steps.count - 1
            switch step {
            case .name(let name):
                found = found.map { $0.appending(name) }
                if isLast { found = try await existing(found, on: reader) }
            case .pattern(let pattern):
                var next: [ZnodePath] = []
                for (parent, children) in zip(found, try await children(of: found, on: reader)) {
                    next += children.filter(pattern.matches).map { parent.appending($0) }
                }
                found = next
            case .anyDepth:
                found = try await subtrees(of: found, on: reader)
            }
        }
        var seen: Set<ZnodePath> = []
        return found.filter { seen.insert($0).inserted }.sorted()
    }

    private func existing(_ paths: [ZnodePath], on reader: any ZnodeReader) async throws -> [ZnodePath] {
        var result: [ZnodePath] = []
        for path in paths where try await reader.exists(path) != nil { result.append(path) }
        return result
    }

    private func children(of paths: [ZnodePath], on reader: any ZnodeReader) async throws -> [[String]] {
        var result: [[String]] = []
        var start = 0
        while start < paths.count {
            let batch = Array(paths[start..<min(start + 128, paths.count)])
            for answer in try await reader.children(of: batch) {
                switch answer {
                case .success(let names): result.append(names)
                case .failure(let error) where error.code == .noNode: result.append([])
                case .failure(let error): throw error
                }
            }
            start += batch.count
        }
        return result
    }

    private func subtrees(of roots: [ZnodePath], on reader: any ZnodeReader) async throws -> [ZnodePath] {
        var all = roots
        var level = roots
        while !level.isEmpty {
            var next: [ZnodePath] = []
            for (parent, names) in zip(level, try await children(of: level, on: reader)) {
                next += names.map { parent.appending($0) }
            }
            all += next
            level = next
        }
        return all
    }
}

extension Word {
    var hasGlob: Bool {
        !isQuoted
            && bytes.indices.contains { index in
                [UInt8(ascii: "*"), UInt8(ascii: "?"), UInt8(ascii: "[")].contains(bytes[index])
                    && !isLiteral(at: index)
            }
    }
}
