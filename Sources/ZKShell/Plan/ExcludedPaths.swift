internal import ZKCore

/// What a comparison leaves out, with what is below it: names at any depth, or, with a slash, paths below the root.
struct ExcludedPaths: Sendable {
    private enum Pattern: Sendable {
        case name(GlobPattern)
        /// A nil stands for `**`, any number of levels.
        case path([GlobPattern?])
    }

    private let patterns: [Pattern]

    init(_ globs: [String] = []) {
        patterns = globs.map { glob in
            guard glob.contains("/") else { return .name(GlobPattern(glob)) }
            return .path(glob.split(separator: "/").map { $0 == "**" ? nil : GlobPattern(String($0)) })
        }
    }

    var isEmpty: Bool { patterns.isEmpty }

    /// Whether `path`, at or below `root`, is left out. The root never is.
    func contains(_ path: ZnodePath, below root: ZnodePath) -> Bool {
        if patterns.isEmpty || path == root { return false }
        let names = path.rebased(from: root, to: .root).string.split(separator: "/").map(String.init)
        return patterns.contains { pattern in
            switch pattern {
            case .name(let glob): names.contains { glob.matches($0) }
            case .path(let globs): (1...max(1, names.count)).contains { Self.match(globs[...], names.prefix($0)) }
            }
        }
    }

    private static func match(_ globs: ArraySlice<GlobPattern?>, _ names: ArraySlice<String>) -> Bool {
        guard let first = globs.first else { return names.isEmpty }
        guard let glob = first else {
            return (0...names.count).contains { match(globs.dropFirst(), names.dropFirst($0)) }
        }
        guard let name = names.first else { return false }
        return glob.matches(name) && match(globs.dropFirst(), names.dropFirst())
    }
}
