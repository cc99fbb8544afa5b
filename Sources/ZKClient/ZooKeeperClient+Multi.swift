internal import Synchronization
internal import ZKCore
internal import ZKWire

extension ZooKeeperClient {
    /// Makes several changes, all or none, under one zxid. An empty list is answered without asking the server.
    ///
    /// - Throws: ``ZooKeeperError`` of the op that failed, with its path; nothing was changed then.
    public func multi(_ ops: [MultiOp]) async throws -> [MultiResult] {
        let results = try await multiResults(ops)
        // The ops around the one that failed carry codes that only say that they were not done.
        for case .failure(let error) in results where error.code != .runtimeInconsistency && error.code != .ok {
            throw error
        }
        return try results.map { try $0.get() }
    }

    /// Makes several changes like ``multi(_:)``, but tells for each op what came of it.
    ///
    /// When one has failed none was done: the ops before it fail with `.ok` (they could have been done), those behind it
    /// with `.runtimeInconsistency` (they were not tried).
    ///
    /// - Throws: ``ZooKeeperError`` when the request as a whole has failed.
    public func multiResults(_ ops: [MultiOp]) async throws -> [Result<MultiResult, ZooKeeperError>] {
        if ops.isEmpty { return [] }
        var requests: [MultiRequest.Op] = []
        for op in ops { requests.append(try request(for: op)) }
        let reply = try await call(.multi, path: nil, MultiRequest(ops: requests))
        let response = try reply.decode(MultiResponse.self)
        try check(response.results, of: ops, reply)
        return zip(ops, response.results).enumerated().map { index, pair in
            result(of: pair.0, number: index + 1, of: ops.count, pair.1)
        }
    }

    /// Reads several znodes at one moment. Each read succeeds or fails on its own. Needs a server of 3.6 or later.
    public func multiRead(_ ops: [ReadOp]) async throws -> [Result<ReadResult, ZooKeeperError>] {
        if ops.isEmpty { return [] }
        let requests = ops.map { op -> MultiRequest.Op in
            let path = UString(serverPath(op.path).string)
            return switch op {
            case .getData: .getData(GetDataRequest(path: path, watch: false))
            case .getChildren: .getChildren(GetChildrenRequest(path: path, watch: false))
            }
        }
        let reply = try await call(.multiRead, path: nil, isRead: true, MultiRequest(ops: requests))
        let response = try reply.decode(MultiResponse.self)
        try checkCount(response.results.count, of: ops.count, reply)
        return try zip(ops, response.results).map { op, result in
            switch (op, result) {
            case (.getData, .getData(let response)): .success(.data(response.data, response.stat))
            case (.getChildren, .getChildren(let response))
            where !response.children.allSatisfy { $0.bytes.withUnsafeBytes { ZnodePath.isName(bytes: $0) } }:
                .failure(.answered(.marshallingError, operation: "multiRead", path: op.path))
            case (.getChildren, .getChildren(let response)): .success(.children(response.children.map(\.string)))
            case (_, .error(let code)): .failure(.answered(code, operation: "multiRead", path: op.path))
            default: throw reply.malformed("the result for \(op.path) is one of another op")
            }
        }
    }

    /// Reads several znodes by as few requests as the server takes: by one, or by one for each where it is older than 3.6.
    /// What is too long for one reply is asked for in parts. So they are not always read at one moment. Each read succeeds
    /// or fails on its own.
    public func readEach(_ ops: [ReadOp]) async throws -> [Result<ReadResult, ZooKeeperError>] {
        if ops.count > 1, !driver.lacksMultiRead.load(ordering: .relaxed) {
            do {
                return try await multiRead(ops)
            } catch let error as ZooKeeperError where error.isReplyTooLong {
                let half = ops.count / 2
                return try await readEach(Array(ops[..<half])) + readEach(Array(ops[half...]))
            } catch let error as ZooKeeperError where error.code == .unimplemented {
                // Each alone, then.
            }
        }
        return try await withThrowingTaskGroup(of: (Int, Result<ReadResult, ZooKeeperError>).self) { group in
            for (index, op) in ops.enumerated() {
                group.addImmediateTask { (index, try await self.read(op)) }
            }
            return try await group.reduce(into: []) { $0.append($1) }.sorted { $0.0 < $1.0 }.map(\.1)
        }
    }

    /// - Throws: what has nothing to do with the znode: an error of the connection or the session.
    private func read(_ op: ReadOp) async throws -> Result<ReadResult, ZooKeeperError> {
        do {
            switch op {
            case .getData(let path):
                let (data, stat) = try await getData(path)
                return .success(.data(data, stat))
            case .getChildren(let path): return .success(.children(try await getChildren(path)))
            }
        } catch let error as ZooKeeperError where error.isOfZnode {
            return .failure(error)
        }
    }

    private func request(for op: MultiOp) throws -> MultiRequest.Op {
        switch op {
        case .create(let path, let data, let mode, let acl, let ttl):
            let serverPath = driver.chroot.serverPath(creating: path, isSequential: mode.isSequential)
            try checkAllowed(.create(serverPath, data: data, mode: mode), path: path)
            let bytes = UString(serverPath.string)
            if let ttlMillis = try ZooKeeperClient.ttlMillis(ttl, mode: mode, path: path) {
                return .createTTL(
                    CreateTTLRequest(path: bytes, data: data, acl: acl, flags: mode.rawValue, ttlMillis: ttlMillis))
            }
            let request = CreateRequest(path: bytes, data: data, acl: acl, flags: mode.rawValue)
            return .create(type: mode.isContainer ? .createContainer : .create, request)
        case .delete(let path, let version):
            try checkAllowed(.delete(serverPath(path)), path: path)
            return .delete(DeleteRequest(path: UString(serverPath(path).string), version: version))
        case .setData(let path, let data, let version):
            try checkAllowed(.setData(serverPath(path), data: data), path: path)
            return .setData(SetDataRequest(path: UString(serverPath(path).string), data: data, version: version))
        case .check(let path, let version):
            return .check(CheckVersionRequest(path: UString(serverPath(path).string), version: version))
        }
    }

    private func result(
        of op: MultiOp, number: Int, of count: Int, _ result: MultiResponse.Result
    ) -> Result<MultiResult, ZooKeeperError> {
        switch result {
        case .create(let response):
            return .success(.create(path: clientPath(response.path), stat: nil))
        case .create2(let response):
            return .success(.create(path: clientPath(response.path), stat: response.stat))
        case .delete: return .success(.delete)
        case .setData(let response): return .success(.setData(response.stat))
        case .check: return .success(.check)
        case .error(let code):
            let operation = op.operation
            if code == .ok || code == .runtimeInconsistency {
                let reason =
                    code == .ok ? "was undone, since a later op failed" : "was not tried, since an earlier op failed"
                return .failure(
                    ZooKeeperError(
                        code: code, operation: operation, path: op.path,
                        message: "\(operation) \(op.path) (op \(number) of \(count)) \(reason)."))
            }
            let error = ZooKeeperError.answered(code, operation: operation, path: op.path)
            return .failure(
                ZooKeeperError(
                    code: code, operation: operation, path: op.path,
                    message: "op \(number) of \(count), \(error.message) Nothing was changed."))
        case .getData, .getChildren:
            return .failure(.answered(.marshallingError, operation: op.operation, path: op.path))
        }
    }

    private func checkCount(_ count: Int, of expected: Int, _ reply: Reply) throws {
        guard count == expected else { throw reply.malformed("\(count) results for \(expected) ops") }
    }

    /// All ops were done and each result is one of its op, or none was and all are errors.
    private func check(_ results: [MultiResponse.Result], of ops: [MultiOp], _ reply: Reply) throws {
        try checkCount(results.count, of: ops.count, reply)
        let errorCount = results.count { if case .error = $0 { true } else { false } }
        guard errorCount == 0 || errorCount == ops.count else {
            throw reply.malformed("\(errorCount) of \(ops.count) ops failed, which is all or none")
        }
        for (index, (op, result)) in zip(ops, results).enumerated() {
            switch (op, result) {
            case (_, .error), (.create, .create), (.create, .create2), (.delete, .delete), (.setData, .setData),
                (.check, .check):
                continue
            default: throw reply.malformed("the result of op \(index + 1) is one of another op")
            }
        }
    }

    private func clientPath(_ path: UString) -> ZnodePath {
        driver.chroot.clientPath(ZnodePath(unchecked: path.string))
    }
}

extension MultiOp {
    fileprivate var operation: String {
        switch self {
        case .create: "create"
        case .delete: "delete"
        case .setData: "setData"
        case .check: "check"
        }
    }
}
