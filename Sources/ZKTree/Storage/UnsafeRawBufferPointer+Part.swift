extension UnsafeRawBufferPointer {
    /// The bytes from `start` to `end`, without the checks and the generic code of a slice: for the hot path.
    ///
    /// - Precondition: `0 <= start <= end <= count`.
    @inline(__always)
    package func part(from start: Int, to end: Int) -> UnsafeRawBufferPointer {
        assert(0 <= start && start <= end && end <= count, "the part lies within the bytes")
        return UnsafeRawBufferPointer(start: baseAddress.map { $0 + start }, count: end - start)
    }
}
