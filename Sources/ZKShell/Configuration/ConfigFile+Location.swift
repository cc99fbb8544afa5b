import Glibc

extension ConfigFile {
    /// Where the files of the shell are that the user writes: `$XDG_CONFIG_HOME/zoosh` or `~/.config/zoosh`.
    static func directory(environment: (String) -> String?) -> String? {
        let base =
            environment("XDG_CONFIG_HOME").flatMap { $0.isEmpty ? nil : $0 }
            ?? environment("HOME").map { "\($0)/.config" }
        return base.map { "\($0)/zoosh" }
    }

    /// The file in force; nil when there is none.
    ///
    /// - Parameter path: the file that the user has named, which must be there.
    static func load(_ path: String?, environment: (String) -> String?) throws(ShellError) -> ConfigFile? {
        if let path = path ?? environment("ZOOSH_CONFIG") {
            return try ConfigFile(try LocalFile.text(path), name: path)
        }
        guard let path = directory(environment: environment).map({ "\($0)/config" }), access(path, R_OK) == 0 else {
            return nil
        }
        return try ConfigFile(try LocalFile.text(path), name: path)
    }

    /// Whether others than the owner can read the file.
    var isReadableByOthers: Bool {
        var status = stat()
        return stat(name, &status) == 0 && status.st_mode & 0o044 != 0
    }
}
