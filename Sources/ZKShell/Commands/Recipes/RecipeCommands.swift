/// The classic uses of ZooKeeper, on ZKRecipes.
let recipeCommands: [any ShellCommand.Type] = [
    LockCommand.self,
    ElectCommand.self,
    SemaphoreCommand.self,
    MemberCommand.self,
    BarrierCommand.self,
    QueueCommand.self,
]
