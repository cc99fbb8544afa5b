/// What the server calls itself where Apache tells its version: clients read the number in front.
public enum ServerVersion {
    public static let string = "3.9.4-zoosh, built on 2026-11-21 00:00 UTC"
}
