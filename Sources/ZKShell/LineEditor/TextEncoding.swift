internal import Glibc

/// The encoding of what is typed.
enum TextEncoding {
    /// Everything that ZooKeeper names is UTF-8. Where no locale is set, as in most containers, readline would take
    /// each byte of a letter for a key of its own.
    ///
    /// So it does where the environment names a locale that is not installed. Called before readline is set up. A locale
    /// that the user has chosen, and that is there, stays.
    static func prefersUTF8() {
        func isUnset(_ name: String) -> Bool {
            guard let value = getenv(name).map({ String(cString: $0) }) else { return true }
            return ["", "C", "POSIX"].contains(value)
        }
        guard setlocale(LC_CTYPE, "") != nil else {
            setenv("LC_CTYPE", "C.UTF-8", 1)
            // It would win.
            if !isUnset("LC_ALL") { setenv("LC_ALL", "C.UTF-8", 1) }
            return
        }
        guard getenv("LC_ALL").map({ $0.pointee == 0 }) ?? true, isUnset("LC_CTYPE"), isUnset("LANG") else { return }
        setenv("LC_CTYPE", "C.UTF-8", 1)
    }
}
