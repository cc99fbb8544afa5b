extension ZnodeTree {
    /// The digest of all committed znodes, whatever was kept of it so far. Source: `DataTree.calculateDigest`.
    package func sumOfDigests() -> UInt64 {
        var sum: UInt64 = 0
        for index in 1..<znodes.end where znodes[index].pointee.isCommitted {
            sum &+= UInt64(computeDigest(index))
        }
        return sum
    }
}
