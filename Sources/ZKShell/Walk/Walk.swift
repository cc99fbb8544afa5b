internal import ZKClient
internal import ZKCore

extension TreeWalk {
    /// The state of a walk, without its requests.
    ///
    /// Znodes are objects only from being asked about to being visited; before that they are names in the list of
    /// their parent.
    struct Walk {
        final class Znode {
            let path: ZnodePath
            let depth: Int
            fileprivate var state = State.asked

            fileprivate enum State {
                case asked
                case listed(Level)
                case failed(ZooKeeperError)
                case notAsked
            }

            init(path: ZnodePath, depth: Int) {
                self.path = path
                self.depth = depth
            }
        }

        /// The children of a znode.
        fileprivate final class Level {
            let parent: Znode?
            let parentPath: ZnodePath
            let depth: Int
            let names: [String]
            /// Names before it were made into znodes.
            var nextName = 0
            /// Znodes that were asked about and not visited.
            var ahead: [Znode] = []
            /// Znodes of `ahead` before it were visited.
            var firstAhead = 0

            init(parent: Znode?, parentPath: ZnodePath, depth: Int, names: [String]) {
                self.parent = parent
                self.parentPath = parentPath
                self.depth = depth
                self.names = names
            }
        }

        private let depthMax: Int
        private let order: Order
        private let skipped: Set<ZnodePath>
        private var levels: [Level] = []
        /// The root until it is visited.
        private var root: Znode?
        private var isRootTaken = false

        init(root: ZnodePath, depthMax: Int, order: Order, skipped: Set<ZnodePath>) {
            self.depthMax = depthMax
            self.order = order
            self.skipped = skipped
            self.root = Znode(path: root, depth: 0)
            if depthMax == 0 { self.root?.state = .notAsked }
        }

        // MARK: Asking

        /// The znodes whose children should be asked for next, those first that will be visited first.
        mutating func takeUnasked(limit: Int) -> [Znode] {
            var batch: [Znode] = []
            if let root {
                if !isRootTaken, depthMax > 0 {
                    isRootTaken = true
                    return [root]
                }
                if case .listed(let level) = root.state { collect(from: level, into: &batch, limit: limit) }
            }
            for level in levels.reversed() where batch.count < limit {
                collect(from: level, into: &batch, limit: limit)
            }
            return batch
        }

        private func collect(from level: Level, into batch: inout [Znode], limit: Int) {
            guard level.depth < depthMax else { return }
            for znode in level.ahead[level.firstAhead...] {
                guard batch.count < limit else { return }
                if case .listed(let below) = znode.state { collect(from: below, into: &batch, limit: limit) }
            }
            while batch.count < limit, let znode = makeNext(in: level) {
                level.ahead.append(znode)
                batch.append(znode)
            }
        }

        private func makeNext(in level: Level) -> Znode? {
            skipNames(of: level)
            guard level.nextName < level.names.count else { return nil }
            defer { level.nextName += 1 }
            return Znode(path: level.parentPath.appending(level.names[level.nextName]), depth: level.depth)
        }

        private func skipNames(of level: Level) {
            guard !skipped.isEmpty else { return }
            while level.nextName < level.names.count,
                skipped.contains(level.parentPath.appending(level.names[level.nextName]))
            {
                level.nextName += 1
            }
        }

        /// Takes the answer for `znode`.
        func take(_ list: Result<[String], ZooKeeperError>, for znode: Znode) {
            switch list {
            case .success(let names):
                znode.state = .listed(
                    Level(
                        parent: order == .childrenFirst ? znode : nil, parentPath: znode.path, depth: znode.depth + 1,
                        names: names.sortedAsJava()))
            case .failure(let error):
                znode.state = .failed(error)
            }
        }

        // MARK: Visiting

        /// Whether everything was visited.
        var isFinished: Bool { root == nil && levels.isEmpty }

        /// The next znode in the order of the walk; nil when its answer has not come, or when all are visited.
        mutating func nextReached() -> Entry? {
            if let root {
                if case .asked = root.state { return nil }
                self.root = nil
                if let entry = visit(root) { return entry }
            }
            while let level = levels.last {
                switch nextStep(in: level) {
                case .waiting: return nil
                case .exhausted:
                    levels.removeLast()
                    if let parent = level.parent { return entry(parent, childCount: level.names.count) }
                case .reached(let znode):
                    if let entry = visit(znode) { return entry }
                }
            }
            return nil
        }

        private enum Step {
            case reached(Znode)
            /// The next znode was not asked about yet, or its answer has not come.
            case waiting
            case exhausted
        }

        private func nextStep(in level: Level) -> Step {
            if level.firstAhead < level.ahead.count {
                let znode = level.ahead[level.firstAhead]
                if case .asked = znode.state { return .waiting }
                level.dropFirstAhead()
                return .reached(znode)
            }
            skipNames(of: level)
            if level.nextName == level.names.count { return .exhausted }
            guard level.depth >= depthMax, let znode = makeNext(in: level) else { return .waiting }
            znode.state = .notAsked
            return .reached(znode)
        }

        /// Descends into `znode`; nil when there is nothing to tell of it yet, or nothing at all.
        private mutating func visit(_ znode: Znode) -> Entry? {
            switch znode.state {
            case .asked: return nil
            case .notAsked: return entry(znode, childCount: nil)
            case .failed(let error):
                if error.code == .noNode, znode.depth > 0 { return nil }
                return Entry(path: znode.path, depth: znode.depth, childCount: nil, failure: error)
            case .listed(let level):
                levels.append(level)
                return order == .parentsFirst ? entry(znode, childCount: level.names.count) : nil
            }
        }

        private func entry(_ znode: Znode, childCount: Int?) -> Entry {
            Entry(path: znode.path, depth: znode.depth, childCount: childCount, failure: nil)
        }
    }
}

extension TreeWalk.Walk.Level {
    fileprivate func dropFirstAhead() {
        firstAhead += 1
        // Visited znodes go in pieces: removing each from the front would move all others each time.
        if firstAhead >= 1024 {
            ahead.removeFirst(firstAhead)
            firstAhead = 0
        }
    }
}
