import Foundation
import Support
import Testing

@testable import ZKStore

/// Files that are written past the page cache hold what was written, whatever the pieces.
@Suite(.timeLimit(.minutes(10))) struct DirectFileTests {
    private static let block = DirectFile.blockBytes

    private static func make(_ path: String) throws -> any OpenFile { try PosixFileSystem().createLog(path) }

    private static func blocks(_ count: Int, of byte: UInt8) -> UnsafeMutableRawBufferPointer {
        let memory = UnsafeMutableRawBufferPointer.allocate(byteCount: count * block, alignment: block)
        memory.initializeMemory(as: UInt8.self, repeating: byte)
        return memory
    }

    @Test(arguments: 0..<8 as Range<UInt64>)
    func holdsWhatWasWritten(seed: UInt64) throws {
        var random = SeededGenerator(seed: seed)
        let directory = try TemporaryDirectory()
        let path = directory.path("log")
        let file = try Self.make(path)
        let zeros = Self.blocks(64, of: 0)
        defer { zeros.deallocate() }
        var expected: [UInt8] = []
        var zeroed = 0
        for step in 0..<60 {
            let sizes = [1, 200, Self.block, Self.block - 1, 3 * Self.block + 5, 300_000]
            let size = Int.random(in: 1...sizes.randomElement(using: &random)!, using: &random)
            let bytes = (0..<size).map { UInt8(truncatingIfNeeded: $0 &* 31 &+ step) }
            // As the log does: the room behind the records is zeroed first.
            let start = (expected.count + size + Self.block - 1) / Self.block * Self.block
            if expected.count + size > zeroed, step % 3 == 0 {
                try file.write(UnsafeRawBufferPointer(zeros), at: Int64(start))
                zeroed = start + zeros.count
            }
            try file.write(bytes, at: Int64(expected.count))
            expected += bytes
            if step % 7 == 0 { try file.syncData() }
        }
        let found = [UInt8](try Data(contentsOf: directory.url("log")))
        #expect(Array(found.prefix(expected.count)) == expected, "seed \(seed)")
        #expect(found.dropFirst(expected.count).allSatisfy { $0 == 0 }, "seed \(seed): what follows is room")
        try file.truncate(to: Int64(expected.count))
        try file.close()
        #expect([UInt8](try Data(contentsOf: directory.url("log"))) == expected)
    }

    @Test func goesOnThroughTheCacheWhereAWriteDoesNotFit() throws {
        let directory = try TemporaryDirectory()
        let file = try Self.make(directory.path("log"))
        try file.write(Array("one".utf8), at: 0)
        // Neither at the end nor whole blocks.
        try file.write(Array("three".utf8), at: 10)
        try file.write(Array("two".utf8), at: 3)
        try file.sync()
        var found = [UInt8](repeating: 1, count: 15)
        let count = try found.withUnsafeMutableBytes { try file.read(into: $0, at: 0) }
        #expect(count == 15)
        #expect(found == Array("onetwo\0\0\0\0three".utf8))
    }
}
