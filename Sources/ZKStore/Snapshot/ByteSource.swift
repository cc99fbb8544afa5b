/// Bytes from the front to the back: of a file, or of what is packed in one.
protocol ByteSource {
    /// Fills a part of `bytes`, at least one byte; 0 at the end only.
    mutating func read(into bytes: UnsafeMutableRawBufferPointer) throws(StoreError) -> Int
}

/// The bytes of a file as they are.
struct PlainSource: ByteSource {
    let file: any OpenFile
    private var offset: Int64 = 0

    init(_ file: any OpenFile) {
        self.file = file
    }

    mutating func read(into bytes: UnsafeMutableRawBufferPointer) throws(StoreError) -> Int {
        let count = try file.read(into: bytes, at: offset)
        offset += Int64(count)
        return count
    }

    /// Fills all of `bytes`; false when the file ends before.
    mutating func readExactly(_ bytes: UnsafeMutableRawBufferPointer) throws(StoreError) -> Bool {
        try read(into: bytes) == bytes.count
    }
}

/// What makes a packed file invalid.
extension StoreError {
    static func packed(_ file: any OpenFile, _ problem: String) -> StoreError {
        .damaged(file.path, problem, wayOut: "Restore the file, or move it away to start from an older snapshot.")
    }
}
