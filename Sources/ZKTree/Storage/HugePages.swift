#if canImport(Glibc)
    import Glibc
#endif

/// Large tables on large pages: a table is looked into at random, and with pages of 4 KiB each look misses the cache of
/// page addresses as well; and filling it takes a fault for each page.
enum HugePages {
    static let bytes = 2 << 20
    private static let blockBytesMin = 4 << 20
    /// `MADV_HUGEPAGE`
    private static let advice: Int32 = 14

    /// Asks for them for a block that is large; smaller ones are left alone, so that a small server stays small.
    static func advise(_ base: UnsafeMutableRawPointer, bytes: Int) {
        #if os(Linux)
            guard bytes >= blockBytesMin else { return }
            let page = UInt(4096)
            let start = (UInt(bitPattern: base) + page - 1) / page * page
            let end = (UInt(bitPattern: base) + UInt(bytes)) / page * page
            // A system without them goes on without them.
            _ = madvise(UnsafeMutableRawPointer(bitPattern: start), Int(end - start), advice)
        #endif
    }
}
