internal import ZKClient
internal import ZKCore

/// What a walk reads of each znode beside the names of its children.
enum WalkPayload: Sendable {
    case names
    /// The stat, without the data: one request for each znode.
    case stat
    case data
}

/// A znode that a walk has come to.
struct WalkedZnode: Sendable {
    var path: ZnodePath
    /// Levels below the root of the walk.
    var depth: Int
    /// In the order of the walk. Empty at the depth where the walk ends, when only names were asked for.
    var children: [String]
    /// Nil when only names were asked for. Without the data when only the stat was.
    var znode: ZnodeData?
    /// Why the znode could not be read.
    var failure: ZooKeeperError?
    var isLastSibling: Bool
}

/// What was read of a znode.
struct FetchedZnode: Sendable {
    var children: [String] = []
    var znode: ZnodeData?
    var failure: ZooKeeperError?
    /// It was deleted between the listing of its parent and now.
    var isGone = false
}

extension FetchedZnode {
    /// Reads `paths`, whose children are sorted as zkCli sorts them.
    static func fetch(
        _ paths: [ZnodePath], payload: WalkPayload, from reader: any ZnodeReader
    ) async throws -> [FetchedZnode] {
        switch payload {
        case .names:
            return try await reader.children(of: paths).map { FetchedZnode(children: $0) }
        case .stat:
            return try await reader.childrenWithStats(of: paths).map { answer in
                switch answer {
                case .success(let (children, stat)):
                    FetchedZnode(children: children.sortedAsJava(), znode: ZnodeData(data: nil, stat: stat))
                case .failure(let error): FetchedZnode(failure: error)
                }
            }
        case .data:
            async let children = reader.children(of: paths)
            async let data = reader.data(of: paths)
            return zip(try await children, try await data).map { children, data in
                var fetched = FetchedZnode(children: children)
                switch data {
                case .success(let znode): fetched.znode = znode
                case .failure(let error): fetched = FetchedZnode(failure: error)
                }
                return fetched
            }
        }
    }

    private init(children: Result<[String], ZooKeeperError>) {
        switch children {
        case .success(let names): self.init(children: names.sortedAsJava())
        case .failure(let error): self.init(failure: error)
        }
    }

    private init(failure: ZooKeeperError) {
        self.failure = failure
        isGone = failure.code == .noNode
    }
}
