/// The xids that do not count requests. Source: `ClientCnxn`.
public enum XID {
    public static let notification: Int32 = -1
    public static let ping: Int32 = -2
    public static let auth: Int32 = -4
    public static let setWatches: Int32 = -8
}
