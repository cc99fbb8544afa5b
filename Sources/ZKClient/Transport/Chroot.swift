internal import ZKCore

/// Turns the paths of the user into those of the server, and back.
struct Chroot: Sendable {
    let path: ZnodePath?

    init(_ path: ZnodePath?) {
        self.path = path
    }

    func serverPath(_ path: ZnodePath) -> ZnodePath {
        guard let chroot = self.path else { return path }
        return path.isRoot ? chroot : ZnodePath(unchecked: chroot.string + path.string)
    }

    /// The path of a create: a sequential child of the root stays below the chroot.
    func serverPath(creating path: ZnodePath, isSequential: Bool) -> ZnodePath {
        guard let chroot = self.path, path.isRoot, isSequential else { return serverPath(path) }
        return ZnodePath(unchecked: chroot.string + "/")
    }

    /// A path that is not below the chroot is returned as it is: events under `/zookeeper` come so.
    func clientPath(_ path: ZnodePath) -> ZnodePath {
        guard let chroot = self.path, path.isEqualOrBelow(chroot) else { return path }
        if path == chroot { return .root }
        return ZnodePath(unchecked: String(path.string.utf8.dropFirst(chroot.string.utf8.count)) ?? path.string)
    }
}
