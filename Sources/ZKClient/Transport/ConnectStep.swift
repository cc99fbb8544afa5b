/// What a client waits for before a connection serves.
enum ConnectStep {
    case connect
    case handshake
    case authentication

    /// In words, with how long that has been.
    func waitedFor(_ millis: Int64) -> String {
        switch self {
        case .connect: "no connection for \(millis) ms so far"
        case .handshake: "connected, but no answer to the connect request for \(millis) ms so far"
        case .authentication: "connected, but no end of the SASL exchange for \(millis) ms so far"
        }
    }
}
