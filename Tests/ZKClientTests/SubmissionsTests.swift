import NIOCore
import Testing
import ZKCore
import ZKWire

@testable import ZKClient

/// What waits to be sent.
@Suite(.timeLimit(.minutes(1)))
struct SubmissionsTests {
    private func request(_ bytes: Int) -> Request {
        RecordRequest(
            type: .setData, path: "/a", isRead: false, deadline: .distantFuture,
            body: SetDataRequest(path: "/a", data: [UInt8](repeating: 7, count: bytes), version: -1))
    }

    @Test func theDeadLeaveWithTheirData() {
        var submissions = Submissions(outstandingMax: 100)
        let requests = (0..<300).map { _ in request(1000) }
        for request in requests { submissions.append(request) }
        #expect(submissions.queued.count == 100 && submissions.overflow.count == 200)
        for (index, request) in requests.enumerated() where !index.isMultiple(of: 10) {
            request.resolve(.cancelled)
            submissions.noteDead(request)
        }
        #expect(submissions.queued.count + submissions.overflow.count <= 90)
        #expect(submissions.buffer.readableBytes < 100 * 1100)
        var taken: [Request] = []
        var batch = submissions.take(into: &taken)
        let alive = requests.filter { $0.stage == .queued }
        var sent: [Int32] = []
        while var frame = try? Frame.cut(from: &batch, bytesMax: 1 << 20) { sent.append(frame.readInteger() ?? 0) }
        #expect(alive.count == 30)
        #expect(sent == alive.prefix(sent.count).map(\.xid))
        #expect(taken.count == sent.count)
        submissions.release(taken.count)
        taken = []
        _ = submissions.take(into: &taken)
        #expect(sent.count + taken.count == 30)
        #expect(submissions.isEmpty)
        submissions.release(taken.count)
        #expect(submissions.outstanding == 0)
    }
}
