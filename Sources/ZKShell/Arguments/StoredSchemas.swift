// swift-format-ignore-file
/// What `CommandSchema+Stored.swift` reads. Made from the declarations by `make manuals`: change those, not this.
func storedSchema(_ name: String) -> String? {
    switch name {
    case "AbortCommand": """
        """
    case "AddAuthCommand": """
        positional\t\tscheme\t
        positional\to\tauth\t
        """
    case "AddWatchCommand": """
        option\to\tmode\t-m\tPERSISTENT_RECURSIVE
        positional\t\tpath\t
        """
    case "AdminCommand": """
        option\to\turl\t--url
        option\to\tdur\t--timeout
        positional\t\tcommand\t
        """
    case "AliasCommand": """
        positional\tora\tdefinition\t
        """
    case "AppendCommand": """
        flag\to\tbase64\t-b --base64
        flag\to\thex\t-x --hex
        option\to\tfile\t--data-file
        flag\to\tnull\t--null
        positional\t\tpath\t
        positional\to\tdata\t
        """
    case "ArmedWatchesCommand": """
        """
    case "BarrierCommand": """
        option\to\tdur\t--timeout
        option\to\tdur\t--grace
        positional\t\tpath\t
        positional\t\tn\t
        positional\tort\tcmd\t
        """
    case "ChangePathCommand": """
        positional\to\tpath\t
        """
    case "CheckCommand": """
        positional\t\tpath\t
        positional\t\tversion\t
        """
    case "CloseCommand": """
        """
    case "CommitCommand": """
        """
    case "ConfigCommand": """
        flag\to\tc\t-c
        flag\to\tw\t-w
        flag\to\ts\t-s
        """
    case "ConnectCommand": """
        positional\to\thosts\t
        """
    case "CopyCommand": """
        flag\to\tr\t-r
        flag\to\tn\t-n
        flag\to\tf\t-f
        flag\to\tacl\t--acl
        option\to\twhat\t--ephemeral\tskip
        option\to\tn\t-j\t6
        option\to\tn\t-b\t500
        positional\t\tsrc\t
        positional\t\tdst\t
        """
    case "CountCommand": """
        positional\to\tpath\t
        """
    case "CreateCommand": """
        flag\to\ts\t-s
        flag\to\te\t-e
        flag\to\tc\t-c
        option\to\tttl\t-t
        flag\to\tparents\t-p --parents
        flag\to\texist-ok\t--exist-ok
        flag\to\tprint\t--print
        flag\to\tbase64\t-b --base64
        flag\to\thex\t-x --hex
        option\to\tfile\t--data-file
        flag\to\tnull\t--null
        positional\t\tpath\t
        positional\to\tdata\t
        positional\to\tacl\t
        """
    case "DeleteAllCommand": """
        option\to\tsize\t-b\t1000
        flag\to\tforce\t-f --force
        flag\to\tdry-run\t--dry-run
        option\to\tn\t--limit\t100
        flag\to\tkeep-root\t--keep-root
        option\to\tglob\t--match
        option\to\tdur\t--older-than
        positional\tr\tpath\t
        """
    case "DeleteCommand": """
        option\to\tversion\t-v
        flag\to\tforce\t-f --force
        positional\tr\tpath\t
        """
    case "DeleteQuotaCommand": """
        flag\to\tn\t-n
        flag\to\tb\t-b
        flag\to\tN\t-N
        flag\to\tB\t-B
        positional\t\tpath\t
        """
    case "DiffCommand": """
        flag\to\tr\t-r
        flag\to\tq\t-q
        flag\to\tdata\t--data
        flag\to\tacl\t--acl
        flag\to\tstat\t--stat
        flag\to\tplan\t--plan
        positional\t\ta\t
        positional\t\tb\t
        """
    case "DigestCommand": """
        positional\t\tuser[:pass]\t
        """
    case "DiskUsageCommand": """
        option\to\tn\t-d --depth\t1
        option\to\tn\t--top
        positional\to\tpath\t
        """
    case "EchoCommand": """
        flag\to\tn\t-n
        positional\tor\twords\t
        """
    case "EditCommand": """
        option\to\tversion\t-v
        option\to\tformat\t--validate\tnone
        positional\t\tpath\t
        """
    case "ElectCommand": """
        flag\to\tlisten\t--listen -l
        option\to\tdur\t--timeout
        option\to\tdur\t--grace
        positional\t\tpath\t
        positional\to\tvalue\t
        positional\tort\tcmd\t
        """
    case "ExistsCommand": """
        flag\to\tw\t-w
        flag\to\tq\t-q
        positional\tr\tpath\t
        """
    case "ExportCommand": """
        option\to\tfile\t-o --out
        option\to\tformat\t--format
        flag\to\tacl\t--acl
        flag\to\tstat\t--stat
        positional\to\tpath\t
        """
    case "FindCommand": """
        option\tor\tglob\t--name
        option\tor\tre\t--regex
        option\tor\ttype\t--type
        option\tor\tn\t--size
        option\tor\tdur\t--mtime
        option\tor\tn\t--children
        option\tor\tsid\t--owner
        option\tor\tre\t--data
        option\to\tn\t-d --depth
        option\to\tn\t--min-depth\t0
        flag\to\tprint0\t--print0
        option\to\tcmd\t--exec
        positional\to\tpath\t
        """
    case "FourLetterWordCommand": """
        option\to\tdur\t--timeout
        positional\t\tword\t
        positional\tor\thost\t
        """
    case "GetACLCommand": """
        flag\to\ts\t-s
        flag\to\tc\t-c
        flag\to\tR\t-R
        positional\tr\tpath\t
        """
    case "GetAllChildrenNumberCommand": """
        positional\t\tpath\t
        """
    case "GetCommand": """
        flag\to\ts\t-s
        flag\to\tw\t-w
        flag\to\tb\t-b
        flag\to\tx\t-x
        flag\to\tn\t-n
        flag\to\traw\t--raw
        flag\to\tz\t-z
        option\to\texpr\t--json-path
        option\to\tfile\t-f --file
        positional\tr\tpath\t
        """
    case "GetEphemeralsCommand": """
        flag\to\tall\t--all
        option\to\tsid\t--session
        positional\to\tpath\t
        """
    case "GlobalOptions": """
        option\to\thosts\t-s --server -server
        option\to\tname\t-p --profile
        option\to\tdur\t-t --timeout -timeout
        option\to\tdur\t--connect-timeout
        option\to\tdur\t--op-timeout
        flag\to\tread-only\t-r --read-only
        flag\to\twaitforconnection\t--waitforconnection -waitforconnection
        option\to\tfile\t--client-configuration -client-configuration
        flag\to\tcreate-chroot\t--create-chroot
        option\tor\tauth\t-a --auth
        option\to\tfile\t--auth-file
        flag\to\ttls\t--tls
        option\to\tfile\t--tls-ca
        option\to\tfile\t--tls-cert
        option\to\tfile\t--tls-key
        option\to\tname\t--tls-server-name
        flag\to\ttls-insecure\t--tls-insecure
        option\to\tmech\t--sasl
        option\to\tuser\t--sasl-user
        option\to\tfile\t--sasl-password-file
        option\to\tformat\t-o --output
        flag\to\tjson\t--json
        flag\to\traw\t--raw
        option\tor\ttext\t-c
        option\tor\tfile\t-f
        flag\to\texit-on-error\t-e --exit-on-error
        flag\to\tdry-run\t-n --dry-run
        flag\to\tyes\t-y --yes
        flag\to\tno-input\t--no-input
        flag\to\tquiet\t-q --quiet
        flag\tor\tverbose\t-v --verbose
        option\to\tfile\t--trace
        option\to\twhen\t--color
        option\to\tcmd\t--pager
        option\to\tfile\t--config
        flag\to\tno-config\t--no-config
        flag\to\tno-history\t--no-history
        flag\to\tno-glob\t--no-glob
        flag\to\tnull-glob\t--null-glob
        option\to\tfmt\t--prompt
        option\to\tbytes\t--max-buffer
        flag\to\tpipeline\t--pipeline
        flag\to\tno-pipeline\t--no-pipeline
        flag\to\tcompat\t--compat
        flag\to\tversion\t-V --version
        """
    case "GrepCommand": """
        flag\to\ti\t-i
        flag\to\tl\t-l
        flag\to\tv\t-v
        flag\to\tc\t-c
        flag\to\tE\t-E
        flag\to\tF\t-F
        positional\t\tpattern\t
        positional\tor\tpath\t
        """
    case "HelpCommand": """
        positional\to\tcommand\t
        """
    case "HistoryCommand": """
        flag\to\tc\t-c
        positional\to\tselection\t
        """
    case "ImportCommand": """
        flag\to\tmerge\t--merge
        flag\to\treplace\t--replace
        flag\to\tdry-run\t--dry-run
        flag\to\tacl\t--acl
        option\to\twhat\t--ephemeral\tskip
        option\to\tn\t-b\t500
        positional\t\tfile\t
        positional\to\tpath\t
        """
    case "IncrementCommand": """
        positional\t\tpath\t
        positional\to\tn\t\t1
        """
    case "LatencyCommand": """
        option\to\tcount\t-n\t100
        option\to\tdur\t-i
        flag\to\tdist\t--dist
        option\to\tdur\t--history
        flag\to\tsync\t--sync
        """
    case "ListCommand": """
        flag\to\ts\t-s
        flag\to\tw\t-w
        flag\to\tR\t-R
        flag\to\t1\t-1
        flag\to\tprint0\t--print0
        flag\to\tl\t-l
        option\to\tdepth\t-d
        option\to\tkey\t--sort
        flag\to\tr\t-r
        flag\to\tcount\t--count
        option\to\tn\t--limit
        flag\to\tF\t-F
        flag\to\tno-system\t--no-system
        positional\tor\tpath\t
        """
    case "ListQuotaCommand": """
        flag\to\tR\t-R
        positional\t\tpath\t
        """
    case "LockCommand": """
        flag\to\tshared\t--shared -s
        option\to\ttext\t--data
        option\to\tdur\t--timeout
        option\to\tdur\t--grace
        positional\t\tpath\t
        positional\tort\tcmd\t
        """
    case "MemberCommand": """
        option\to\tid\t--id
        option\to\tdur\t--grace
        positional\t\tpath\t
        positional\to\tvalue\t
        positional\tort\tcmd\t
        """
    case "MirrorCommand": """
        flag\to\tdelete\t--delete
        flag\to\twatch\t--watch
        flag\to\tacl\t--acl
        positional\t\tsrc\t
        positional\t\tdst\t
        """
    case "MonitorCommand": """
        option\to\tlines\t-n
        option\to\thosts\t--servers
        positional\to\tinterval\t
        """
    case "MoveCommand": """
        flag\to\tr\t-r
        positional\t\tsrc\t
        positional\t\tdst\t
        """
    case "OptionCommand": """
        positional\to\tname\t
        positional\to\tvalue\t
        """
    case "PopPathCommand": """
        """
    case "PrintPathCommand": """
        """
    case "PrintWatchesCommand": """
        positional\to\tstate\t
        """
    case "PushPathCommand": """
        positional\to\tpath\t
        """
    case "QueueCommand": """
        flag\to\twait\t--wait -w
        option\to\tdur\t--timeout
        flag\to\tbase64\t-b --base64
        flag\to\thex\t-x --hex
        option\to\tfile\t--data-file
        flag\to\tnull\t--null
        positional\t\tpath\t
        positional\t\taction\t
        positional\tor\telements\t
        """
    case "QuitCommand": """
        positional\to\tstatus\t
        """
    case "ReconfigCommand": """
        flag\to\ts\t-s
        option\to\tversion\t-v
        option\to\tfile\t-file --file
        option\to\tmembers\t-members --members
        option\to\tmembers\t-add --add
        option\to\tids\t-remove --remove
        """
    case "ReconnectCommand": """
        """
    case "RedoCommand": """
        positional\tr\tnumber\t
        """
    case "RemoveWatchesCommand": """
        flag\to\tc\t-c
        flag\to\td\t-d
        flag\to\tp\t-p
        flag\to\tr\t-r
        flag\to\ta\t-a
        flag\to\tl\t-l
        positional\t\tpath\t
        """
    case "RepeatCommand": """
        option\to\tdur\t-i
        positional\t\tn\t
        positional\tra\tcmd\t
        """
    case "SemaphoreCommand": """
        option\to\tdur\t--timeout
        option\to\tdur\t--grace
        positional\t\tpath\t
        positional\t\tn\t
        positional\tort\tcmd\t
        """
    case "SessionCommand": """
        """
    case "SessionsCommand": """
        option\to\thosts\t--servers
        """
    case "SetACLCommand": """
        flag\to\ts\t-s
        option\to\tversion\t-v
        flag\to\tR\t-R
        option\to\tacl\t--add
        option\to\tacl\t--remove
        positional\t\tpath\t
        positional\to\tacl\t
        """
    case "SetCommand": """
        flag\to\ts\t-s
        option\to\tversion\t-v
        flag\to\tcreate\t-p --create
        option\to\told\t--if-data
        flag\to\tdiff\t--diff
        flag\to\tbase64\t-b --base64
        flag\to\thex\t-x --hex
        option\to\tfile\t--data-file
        flag\to\tnull\t--null
        positional\t\tpath\t
        positional\to\tdata\t
        """
    case "SetQuotaCommand": """
        option\to\tcount\t-n
        option\to\tbytes\t-b
        option\to\tcount\t-N
        option\to\tbytes\t-B
        positional\t\tpath\t
        """
    case "SleepCommand": """
        positional\t\tdur\t
        """
    case "SourceCommand": """
        positional\t\tfile\t
        """
    case "StatCommand": """
        flag\to\tw\t-w
        flag\to\tiso\t--iso
        flag\to\t1\t-1
        positional\tr\tpath\t
        """
    case "StatusCommand": """
        option\to\thosts\t--servers
        option\to\tdur\t--watch
        flag\to\tjson\t--json
        option\to\tport\t--admin-port\t8080
        option\to\tdur\t--timeout
        """
    case "SyncCommand": """
        positional\t\tpath\t
        """
    case "TimeCommand": """
        positional\tra\tcmd\t
        """
    case "TopChildrenCommand": """
        option\to\tn\t--top\t10
        positional\to\tpath\t
        """
    case "TopCommand": """
        option\to\thosts\t--servers
        option\to\tcount\t-n
        positional\to\tdur\t
        """
    case "TouchCommand": """
        positional\tr\tpath\t
        """
    case "TransactionCommand": """
        option\to\tfile\t-f
        flag\to\ti\t-i
        """
    case "TreeCommand": """
        option\to\tn\t-d --depth
        flag\to\tsize\t--size
        flag\to\tdata\t--data
        flag\to\tascii\t--ascii
        positional\to\tpath\t
        """
    case "TryCommand": """
        positional\tra\tcmd\t
        """
    case "UnaliasCommand": """
        flag\to\ta\t-a
        positional\tor\tname\t
        """
    case "VersionCommand": """
        """
    case "WaitCommand": """
        flag\to\texists\t--exists
        flag\to\tgone\t--gone
        option\to\tx\t--value
        option\to\tn\t--version
        option\to\tn\t--children
        flag\to\tchanged\t--changed
        option\to\tdur\t--timeout
        positional\t\tpath\t
        """
    case "WatchCommand": """
        flag\to\t1\t-1
        option\to\tcount\t-n
        flag\to\tR\t-R
        flag\to\tno-recursive\t--no-recursive
        flag\to\tdata\t--data
        flag\to\tinitial\t--initial
        option\to\ttypes\t--types
        option\to\tdur\t--timeout
        option\to\tcmd\t--exec
        positional\t\tpath\t
        """
    case "WhoAmICommand": """
        """
    case "WhoCommand": """
        positional\t\tsubject\t
        """
    default: nil
    }
}
