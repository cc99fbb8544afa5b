public import ZKCore

/// Turns what was written into absolute paths.
public enum PathResolver {
    /// Resolves `text` against `workingPath`; `.` and `..` are taken out.
    ///
    /// - Parameter keepsTrailingSlash: for `create -s /a/`, whose znode is named by its number alone.
    /// - Throws: ``ShellError`` 2 for a path that ZooKeeper would refuse, an empty one, and one with `//`.
    public static func resolve(
        _ text: String, in workingPath: ZnodePath, keepsTrailingSlash: Bool = false
    ) throws(ShellError) -> ZnodePath {
        let bytes = Array(text.utf8)
        guard !bytes.isEmpty else { throw .usage("a path must not be empty") }
        let slash = UInt8(ascii: "/")
        var names = bytes[0] == slash ? [] : workingPath.components.map { Array($0.utf8) }
        var parts = bytes.split(separator: slash, omittingEmptySubsequences: false)[...]
        if bytes[0] == slash { parts = parts.dropFirst() }
        let endsInSlash = parts.count > 0 && parts.last!.isEmpty
        if endsInSlash { parts = parts.dropLast() }
        for part in parts {
            guard !part.isEmpty else { throw .usage("\(text): a path must not contain //") }
            if part.elementsEqual(".".utf8) { continue }
            if part.elementsEqual("..".utf8) {
                _ = names.popLast()
            } else {
                names.append(Array(part))
            }
        }
        let joined = names.map { "/" + String(decoding: $0, as: UTF8.self) }.joined()
        let resolved = joined.isEmpty ? "/" : joined
        do throws(ZnodePathError) {
            let path = try ZnodePath(resolved)
            guard keepsTrailingSlash, endsInSlash, !path.isRoot else { return path }
            return ZnodePath(unchecked: resolved + "/")
        } catch {
            throw .usage("\(error)")
        }
    }
}
