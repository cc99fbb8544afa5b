internal import Synchronization

extension SessionDriver {
    /// The present state, if there is one to tell, and every change from now on.
    func sessionEvents() -> AsyncStream<SessionEvent> {
        let (stream, continuation) = AsyncStream.makeStream(
            of: SessionEvent.self, bufferingPolicy: .bufferingNewest(Published.bufferedEventsMax))
        var toldCount = 0
        while true {
            let (news, isOver, id) = published.withLock { published -> (SessionEvent?, Bool, Int?) in
                if published.eventCount > toldCount {
                    toldCount = published.eventCount
                    return (published.lastEvent, published.end != nil, nil)
                }
                return (nil, false, published.subscribe(continuation))
            }
            if let news { continuation.yield(news) }
            if isOver {
                continuation.finish()
                return stream
            }
            guard let id else { continue }
            continuation.onTermination = { _ in self.published.withLock { $0.unsubscribe(id) } }
            return stream
        }
    }
}
