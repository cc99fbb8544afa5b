/// Bytes that stay: a 32-bit length and as many bytes in one allocation of a ``BlockHeap``.
///
/// Owned by whoever keeps it; nothing counts references.
package struct Blob {
    let base: UnsafeMutableRawPointer

    init(base: UnsafeMutableRawPointer) {
        self.base = base
    }

    package var count: Int { Int(base.load(as: UInt32.self)) }

    package var bytes: UnsafeRawBufferPointer {
        UnsafeRawBufferPointer(start: UnsafeRawPointer(base + 4), count: count)
    }
}
