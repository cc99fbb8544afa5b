internal import ZKCore

/// The znodes that a walk has found, in the order of the walk: each before its children.
///
/// Elements are znodes that were read and wait to be handed out, znodes that are being read, and siblings of which only
/// the names are known. The children of a znode are put in behind it when they become known, so the first unread names
/// of the list are always those that are handed out next.
struct WalkList: ~Copyable {
    final class Element {
        enum Content {
            case ready([WalkedZnode])
            case pending
            case unread(Siblings)
            /// To be handed out without being read.
            case leaves(Siblings)
        }

        fileprivate(set) var content: Content
        fileprivate var next: Element?

        fileprivate init(_ content: Content) {
            self.content = content
        }
    }

    struct Siblings {
        var parent: ZnodePath?
        var names: ArraySlice<String>
        var depth: Int

        /// Without the first `count`.
        func dropping(_ count: Int) -> Self {
            Self(parent: parent, names: names.dropFirst(count), depth: depth)
        }

        func path(of name: String) -> ZnodePath {
            parent?.appending(name) ?? ZnodePath(unchecked: name)
        }
    }

    /// Siblings that are read together.
    struct Piece {
        let element: Element
        let siblings: Siblings
        let paths: [ZnodePath]
        let reachesLast: Bool
    }

    private var head: Element?
    let depthMax: Int?
    /// Whether znodes at the last level need not be read, since their names are all that is wanted.
    let skipsLastLevel: Bool
    /// Znodes that were read and not handed out.
    private(set) var readyCount = 0

    init(root: ZnodePath, depthMax: Int?, skipsLastLevel: Bool) {
        self.depthMax = depthMax
        self.skipsLastLevel = skipsLastLevel
        head = Element(.unread(Siblings(parent: nil, names: [root.string], depth: 0)))
    }

    /// Element by element: letting go of a long chain at its head would recurse as deep as it is long.
    deinit {
        var element = head
        while let current = element {
            element = current.next
            current.next = nil
        }
    }

    var isEmpty: Bool { head == nil }

    /// The first unread znodes of the list, up to `countMax`, which count as being read from now on.
    mutating func takeUnread(_ countMax: Int) -> [Piece] {
        var pieces: [Piece] = []
        var count = 0
        var cursor = head
        while let element = cursor, count < countMax {
            if case .unread(let siblings) = element.content {
                let taken = siblings.names.prefix(countMax - count)
                let rest = siblings.dropping(taken.count)
                if !rest.names.isEmpty {
                    let remainder = Element(.unread(rest))
                    remainder.next = element.next
                    element.next = remainder
                }
                element.content = .pending
                count += taken.count
                pieces.append(
                    Piece(
                        element: element, siblings: siblings, paths: taken.map(siblings.path),
                        reachesLast: rest.names.isEmpty))
            }
            cursor = element.next
        }
        return pieces
    }

    /// Puts in what was read of `piece`.
    mutating func fill(_ piece: Piece, with fetched: ArraySlice<FetchedZnode>) {
        var run: [WalkedZnode] = []
        var tail = piece.element
        tail.content = .ready([])
        func append(_ content: Element.Content) {
            let element = Element(content)
            element.next = tail.next
            tail.next = element
            tail = element
        }
        let depth = piece.siblings.depth
        for (offset, (path, fetched)) in zip(piece.paths, fetched).enumerated() {
            if fetched.isGone && depth > 0 { continue }
            run.append(
                WalkedZnode(
                    path: path, depth: depth, children: fetched.children, znode: fetched.znode,
                    failure: fetched.failure, isLastSibling: piece.reachesLast && offset == piece.paths.count - 1))
            guard !fetched.children.isEmpty, depth < depthMax ?? .max else { continue }
            readyCount += run.count
            append(.ready(run))
            run = []
            let children = Siblings(parent: path, names: fetched.children[...], depth: depth + 1)
            append(skipsLastLevel && depth + 1 == depthMax ? .leaves(children) : .unread(children))
        }
        if !run.isEmpty {
            readyCount += run.count
            append(.ready(run))
        }
    }

    /// Takes the znodes at the head of the list that can be handed out, up to some ten thousand.
    mutating func takeReady() -> [WalkedZnode] {
        var taken: [WalkedZnode] = []
        while let element = head, taken.count < Self.takenMax {
            switch element.content {
            case .pending, .unread: return taken
            case .ready(let run):
                readyCount -= run.count
                if taken.isEmpty { taken = run } else { taken += run }
            case .leaves(let siblings):
                let names = siblings.names.prefix(Self.takenMax)
                let isRest = names.count == siblings.names.count
                for (offset, name) in names.enumerated() {
                    taken.append(
                        WalkedZnode(
                            path: siblings.path(of: name), depth: siblings.depth, children: [],
                            isLastSibling: isRest && offset == names.count - 1))
                }
                if !isRest {
                    element.content = .leaves(siblings.dropping(names.count))
                    return taken
                }
            }
            head = element.next
            element.next = nil
        }
        return taken
    }

    private static let takenMax = 8192
}
