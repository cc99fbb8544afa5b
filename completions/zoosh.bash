# bash completion for zoosh. Made from the declarations of its commands: change those, not this file.

_zoosh_commands='create get set delete del rm deleteall rmr exists stat ls ls2 ll getAllChildrenNumber getEphemerals getAcl getacl setAcl setacl addauth whoami setquota listquota delquota watch addWatch addwatch removewatches printwatches connect close sync config reconfig version cd pwd history redo help ? man quit exit tree find grep du count top-children cp mv mirror diff plan apply export import touch append incr digest wait watches edit txn commit abort check log at snapshot txnlog backup restore reconnect session pushd popd alias unalias opt source . echo sleep time repeat try lock elect semaphore member barrier queue status 4lw ruok srvr mntr conf cons dump envi wchs wchc wchp dirs isro hash gtmk stat4 admin who sessions top monitor latency server dev bench completion'

# Sets what the command $1 takes; without a name, what zoosh itself takes. KIND is znode, file, directory,
# command, host, data, =LIST or none; `...` behind the last operand repeats it.
_zoosh_describe() {
    options= values= operands= system=
    case $1 in
    '')
        options='-s --server -server --offline --at --skip-damage -p --profile -t --timeout -timeout --connect-timeout --op-timeout -r --read-only --waitforconnection -waitforconnection --client-configuration -client-configuration --create-chroot -a --auth --auth-file --tls --tls-ca --tls-cert --tls-key --tls-password-file --tls-server-name --tls-insecure --sasl --sasl-user --sasl-password-file -o --output --json --raw -c -f -e --exit-on-error -n --dry-run -y --yes --no-input -q --quiet -v --verbose --trace --color --pager --config --no-config --no-history --no-glob --null-glob --prompt --max-buffer --pipeline --no-pipeline --compat -V --version --help'
        values='-s:host --server:host -server:host --offline:file --at:none -p:none --profile:none -t:none --timeout:none -timeout:none --connect-timeout:none --op-timeout:none --client-configuration:file -client-configuration:file -a:none --auth:none --auth-file:file --tls-ca:file --tls-cert:file --tls-key:file --tls-password-file:file --tls-server-name:none --sasl:none --sasl-user:none --sasl-password-file:file -o:=plain,json,raw,table --output:=plain,json,raw,table -c:none -f:file --trace:file --color:=auto,always,never --pager:none --config:file --prompt:none --max-buffer:none'
        ;;
    'create')
        options='-s -e -c -t -p --parents --exist-ok --print -b --base64 -x --hex --data-file --null --help'
        values='-t:none --data-file:file'
        operands='znode data =world:anyone:cdrwa,world:anyone:r,auth::cdrwa,digest:,ip:,x509:,sasl:'
        ;;
    'get')
        options='-s -w -b -x -n --raw -z --json-path -f --file --label --help'
        values='--json-path:none -f:file --file:file'
        operands='znode...'
        ;;
    'set')
        options='-s -v -p --create --if-data --diff -b --base64 -x --hex --data-file --null --help'
        values='-v:none --if-data:none --data-file:file'
        operands='znode data'
        ;;
    'delete' | 'del' | 'rm')
        options='-v -f --force --limit --help'
        values='-v:none --limit:none'
        operands='znode...'
        ;;
    'deleteall' | 'rmr')
        options='-b -f --force --dry-run --limit --keep-root --match --older-than --help'
        values='-b:none --limit:none --match:none --older-than:none'
        operands='znode...'
        ;;
    'exists')
        options='-w -q --help'
        operands='znode...'
        ;;
    'stat')
        options='-w --iso -1 --label --help'
        operands='znode...'
        ;;
    'ls' | 'ls2' | 'll')
        options='-s -w -R -1 --print0 -l -d --sort -r --count --limit -F --no-system --label --help'
        values='-d:none --sort:=name,ctime,mtime,size,children,seq --limit:none'
        operands='znode...'
        ;;
    'getAllChildrenNumber')
        options='--help'
        operands='znode'
        ;;
    'getEphemerals')
        options='--all --session --help'
        values='--session:none'
        operands='znode'
        ;;
    'getAcl' | 'getacl')
        options='-s -c -R --label --help'
        operands='znode...'
        ;;
    'setAcl' | 'setacl')
        options='-s -v -R --limit --add --remove --help'
        values='-v:none --limit:none --add:=world:anyone:cdrwa,world:anyone:r,auth::cdrwa,digest:,ip:,x509:,sasl: --remove:=world:anyone:cdrwa,world:anyone:r,auth::cdrwa,digest:,ip:,x509:,sasl:'
        operands='znode =world:anyone:cdrwa,world:anyone:r,auth::cdrwa,digest:,ip:,x509:,sasl:'
        ;;
    'addauth')
        options='--help'
        operands='=digest,ip,x509,sasl none'
        ;;
    'whoami')
        options='--help'
        ;;
    'setquota')
        options='-n -b -N -B --help'
        values='-n:none -b:none -N:none -B:none'
        operands='znode'
        ;;
    'listquota')
        options='-R --help'
        operands='znode'
        ;;
    'delquota')
        options='-n -b -N -B --help'
        operands='znode'
        ;;
    'watch')
        options='-1 -n -R --no-recursive --data --initial --types --timeout --exec --help'
        values='-n:none --types:none --timeout:none --exec:none'
        operands='znode'
        ;;
    'addWatch' | 'addwatch')
        options='-m --help'
        values='-m:=PERSISTENT,PERSISTENT_RECURSIVE'
        operands='znode'
        ;;
    'removewatches')
        options='-c -d -p -r -a -l --help'
        operands='znode'
        ;;
    'printwatches')
        options='--help'
        operands='=on,off'
        ;;
    'connect')
        options='--help'
        operands='host'
        ;;
    'close')
        options='--help'
        ;;
    'sync')
        options='--help'
        operands='znode'
        ;;
    'config')
        options='-c -w -s --help'
        ;;
    'reconfig')
        options='-s -v -file --file -members --members -add --add -remove --remove --help'
        values='-v:none -file:file --file:file -members:none --members:none -add:none --add:none -remove:none --remove:none'
        ;;
    'version')
        options='--help'
        ;;
    'cd')
        options='--help'
        operands='znode'
        ;;
    'pwd')
        options='--help'
        ;;
    'history')
        options='-c --help'
        operands='none'
        ;;
    'redo')
        options='--help'
        operands='none...'
        ;;
    'help' | '?' | 'man')
        options='--help'
        operands='command'
        ;;
    'quit' | 'exit')
        options='--help'
        operands='none'
        ;;
    'tree')
        options='-d --depth --size --data --ascii --help'
        values='-d:none --depth:none'
        operands='znode'
        ;;
    'find')
        options='--name --regex --type --size --mtime --children --owner --data -d --depth --min-depth --print0 --exec --help'
        values='--name:none --regex:none --type:=p,e,s,c,t --size:none --mtime:none --children:none --owner:none --data:none -d:none --depth:none --min-depth:none --exec:none'
        operands='znode'
        ;;
    'grep')
        options='-i -l -v -c -E -F --help'
        operands='none znode...'
        ;;
    'du')
        options='-d --depth --top --help'
        values='-d:none --depth:none --top:none'
        operands='znode'
        ;;
    'count')
        options='--help'
        operands='znode'
        ;;
    'top-children')
        options='--top --help'
        values='--top:none'
        operands='znode'
        ;;
    'cp')
        options='-r -n -f --acl --no-acl --ephemeral -j -b --help'
        values='--ephemeral:=skip,persist,delete -j:none -b:none'
        operands='znode znode'
        ;;
    'mv')
        options='-r --acl --no-acl --help'
        operands='znode znode'
        ;;
    'mirror')
        options='--delete --watch --acl --no-acl --ephemeral --help'
        values='--ephemeral:=skip,persist,delete'
        operands='znode znode'
        ;;
    'diff')
        options='-r -q --data --acl --stat --plan --ephemeral --exclude --json-data --help'
        values='--exclude:none'
        operands='znode znode'
        ;;
    'plan')
        options='-o --out --acl --no-acl --exclude --help'
        values='-o:file --out:file --exclude:none'
        operands='znode znode'
        ;;
    'apply')
        options='--prune --owner --max-deletes --atomic --yes --dry-run --acl --no-acl --exclude --help'
        values='--owner:none --max-deletes:none --exclude:none'
        operands='file znode'
        ;;
    'export')
        options='-o --out --format --acl --no-acl --stat --help'
        values='-o:file --out:file --format:=json,jsonl,script'
        operands='znode'
        ;;
    'import')
        options='--merge --replace --dry-run --acl --no-acl --ephemeral -b --help'
        values='--ephemeral:=skip,persist,delete -b:none'
        operands='file znode'
        ;;
    'touch')
        options='--help'
        operands='znode...'
        ;;
    'append')
        options='-b --base64 -x --hex --data-file --null --help'
        values='--data-file:file'
        operands='znode data'
        ;;
    'incr')
        options='--help'
        operands='znode none'
        ;;
    'digest')
        options='--help'
        operands='none'
        ;;
    'wait')
        options='--exists --gone --value --version --children --changed --timeout --help'
        values='--value:none --version:none --children:none --timeout:none'
        operands='znode'
        ;;
    'watches')
        options='--help'
        ;;
    'edit')
        options='-v --validate --help'
        values='-v:none --validate:=json,none'
        operands='znode'
        ;;
    'txn')
        options='-f -i --help'
        values='-f:file'
        ;;
    'commit')
        options='--help'
        ;;
    'abort')
        options='--help'
        ;;
    'check')
        options='--help'
        operands='znode none'
        ;;
    'log')
        options='-r -n --since --until --session --type -p --patch --reverse --help'
        values='-n:none --since:none --until:none --session:none --type:none'
        operands='znode'
        ;;
    'at')
        options='--help'
        operands='none'
        ;;
    'snapshot')
        options='--at -o --help'
        values='--at:none -o:file'
        operands='=info,verify,du,diff,make file...'
        ;;
    'txnlog')
        options='--top --help'
        values='--top:none'
        operands='=info,dump,stats,verify,recover file...'
        ;;
    'backup')
        options='-o --out --to --via --help'
        values='-o:file --out:file --to:file --via:=files,walk'
        operands='znode...'
        ;;
    'restore')
        options='--to --merge --replace --plan --acl --no-acl --yes --data-dir --ensemble --epoch --keep-sessions --help'
        values='--to:znode --data-dir:file --ensemble:none --epoch:none'
        operands='file znode'
        ;;
    'reconnect')
        options='--help'
        ;;
    'session')
        options='--help'
        ;;
    'pushd')
        options='--help'
        operands='znode'
        ;;
    'popd')
        options='--help'
        ;;
    'alias')
        options='--help'
        operands='none...'
        ;;
    'unalias')
        options='-a --help'
        operands='none...'
        ;;
    'opt')
        options='--help'
        operands='=output,color,pager,prompt,histexpand,glob,confirm,printwatches,timing none'
        ;;
    'source' | '.')
        options='--help'
        operands='file'
        ;;
    'echo')
        options='-n --help'
        operands='none...'
        ;;
    'sleep')
        options='--help'
        operands='none'
        ;;
    'time')
        options='--help'
        operands='command...'
        ;;
    'repeat')
        options='-i --help'
        values='-i:none'
        operands='none command...'
        ;;
    'try')
        options='--help'
        operands='command...'
        ;;
    'lock')
        options='--shared -s --write -w --layout --data --timeout --grace --help'
        values='--layout:=curator,kazoo --data:none --timeout:none --grace:none'
        operands='znode'
        system=1
        ;;
    'elect')
        options='--listen -l --timeout --grace --layout --help'
        values='--timeout:none --grace:none --layout:=curator,kazoo'
        operands='znode none'
        system=1
        ;;
    'semaphore')
        options='--timeout --grace --layout --help'
        values='--timeout:none --grace:none --layout:=curator,kazoo'
        operands='znode none'
        system=1
        ;;
    'member')
        options='--id --replace --grace --help'
        values='--id:none --grace:none'
        operands='znode none'
        system=1
        ;;
    'barrier')
        options='--timeout --grace --help'
        values='--timeout:none --grace:none'
        operands='znode none'
        system=1
        ;;
    'queue')
        options='--wait -w --timeout -b --base64 -x --hex --data-file --null --help'
        values='--timeout:none --data-file:file'
        operands='znode =push,pop,first,len data...'
        ;;
    'status')
        options='--servers --watch --json --admin-port --timeout --help'
        values='--servers:none --watch:none --admin-port:none --timeout:none'
        ;;
    '4lw' | 'ruok' | 'srvr' | 'mntr' | 'conf' | 'cons' | 'dump' | 'envi' | 'wchs' | 'wchc' | 'wchp' | 'dirs' | 'isro' | 'hash' | 'gtmk' | 'stat4')
        options='--timeout --help'
        values='--timeout:none'
        operands='none host...'
        ;;
    'admin')
        options='--url --timeout --help'
        values='--url:none --timeout:none'
        operands='none'
        ;;
    'who')
        options='--help'
        operands='znode'
        ;;
    'sessions')
        options='--servers --help'
        values='--servers:none'
        ;;
    'top')
        options='--servers -n --help'
        values='--servers:none -n:none'
        operands='none'
        ;;
    'monitor')
        options='-n --servers --help'
        values='-n:none --servers:none'
        operands='none'
        ;;
    'latency')
        options='-n -i --dist --history --sync --help'
        values='-n:none -i:none --history:none'
        ;;
    'server')
        options='--listen --port --config --port-file --ready-fd --data-dir --memory --import --tick-time --snap-count --max-client-cnxns --min-session-timeout --max-session-timeout --max-data --admin --4lw --super --tls-port --tls-cert --tls-key --tls-ca --tls-client-auth --no-plain --jaas --require-auth --ttl --no-ttl --accept-gap --trust-missing-snapshot --fault --log --unsafe-no-fsync --help'
        values='--listen:none --port:none --config:none --port-file:none --ready-fd:none --data-dir:none --import:none --tick-time:none --snap-count:none --max-client-cnxns:none --min-session-timeout:none --max-session-timeout:none --max-data:none --admin:none --4lw:none --super:none --tls-port:none --tls-cert:none --tls-key:none --tls-ca:none --tls-client-auth:none --jaas:none --require-auth:none --fault:none --log:none'
        system=1
        ;;
    'dev')
        options='--listen --port --config --port-file --ready-fd --data-dir --memory --import --tick-time --snap-count --max-client-cnxns --min-session-timeout --max-session-timeout --max-data --admin --4lw --super --tls-port --tls-cert --tls-key --tls-ca --tls-client-auth --no-plain --jaas --require-auth --ttl --no-ttl --accept-gap --trust-missing-snapshot --fault --log --unsafe-no-fsync --help'
        values='--listen:none --port:none --config:none --port-file:none --ready-fd:none --data-dir:none --import:none --tick-time:none --snap-count:none --max-client-cnxns:none --min-session-timeout:none --max-session-timeout:none --max-data:none --admin:none --4lw:none --super:none --tls-port:none --tls-cert:none --tls-key:none --tls-ca:none --tls-client-auth:none --jaas:none --require-auth:none --fault:none --log:none'
        system=1
        ;;
    'bench')
        options='--server -s --connections -c -w --in-flight --size --duration -d --warmup -n --count --keys --threads --root --keep --verify --no-verify --json --self-test --help'
        values='--server:none -s:none --connections:none -c:none -w:none --in-flight:none --size:none --duration:none -d:none --warmup:none -n:none --count:none --keys:none --threads:none --root:none'
        operands='=get,set,create,seq,ephemeral,exists,ls,mixed...'
        ;;
    'completion')
        options='--help'
        operands='=bash,zsh,fish'
        ;;
    esac
}

# The kind of the value of the option $1; nothing when it takes none.
_zoosh_value_kind() {
    local pair
    kind=
    for pair in $values; do
        [[ $pair == "$1":* ]] && kind=${pair#"$1":} && return
    done
}

# Sets COMPREPLY to what can stand for $cur.
_zoosh_reply() {
    local found i
    case $kind in
    znode)
        mapfile -t COMPREPLY < <("$program" "${globals[@]}" __complete znode "$cur" 2>/dev/null </dev/null)
        if [[ ${#COMPREPLY[@]} -eq 1 && ${COMPREPLY[0]} == */ ]]; then compopt -o nospace 2>/dev/null; fi
        if [[ -z $quote ]]; then
            for i in "${!COMPREPLY[@]}"; do printf -v "COMPREPLY[i]" %q "${COMPREPLY[i]}"; done
        fi
        ;;
    data)
        [[ $cur == @* ]] || return
        mapfile -t found < <(compgen -f -- "${cur#@}")
        for i in "${!found[@]}"; do
            COMPREPLY[i]=@${found[i]}
            [[ -d ${found[i]} ]] && COMPREPLY[i]+=/ && compopt -o nospace 2>/dev/null
            if [[ -z $quote ]]; then printf -v "COMPREPLY[i]" %q "${COMPREPLY[i]}"; fi
        done
        ;;
    file | directory)
        compopt -o filenames 2>/dev/null
        if [[ $kind == file ]]; then found=-f; else found=-d; fi
        mapfile -t COMPREPLY < <(compgen $found -- "$cur")
        ;;
    command) mapfile -t COMPREPLY < <(compgen -W "$_zoosh_commands" -- "$cur") ;;
    host) mapfile -t COMPREPLY < <(compgen -A hostname -- "$cur") ;;
    system) mapfile -t COMPREPLY < <(compgen -c -- "$cur") ;;
    =*)
        kind=${kind#=}
        mapfile -t COMPREPLY < <(compgen -W "${kind//,/ }" -- "$cur")
        ;;
    esac
}

_zoosh() {
    local IFS=$' \t\n' i word rest=$COMP_LINE words=()
    COMPREPLY=()
    # The words as zoosh would get them: bash cuts them at : and = as well.
    for ((i = 0; i <= COMP_CWORD; i++)); do
        word=${COMP_WORDS[i]}
        if ((i > 0)) && [[ -n $word && $rest == "$word"* ]]; then
            words[${#words[@]} - 1]+=$word
        else
            words+=("$word")
            rest=${rest#"${rest%%[![:blank:]]*}"}
        fi
        rest=${rest#"$word"}
    done
    local cur=${words[${#words[@]} - 1]} last=${COMP_WORDS[COMP_CWORD]} quote= cut
    # What of the word is before the part that bash replaces.
    if [[ $last == [:=]* ]]; then cut=$cur; else cut=${cur%"$last"}; fi
    if [[ $cur == [\"\']* ]]; then
        quote=${cur:0:1}
        cur=${cur:1}
    else
        cur=${cur//\\/}
        cut=${cut//\\/}
    fi

    local options values operands system repeats kind= command= ended= position=0 globals=()
    local program=${words[0]/#\~/$HOME}
    _zoosh_describe ''
    for ((i = 1; i < ${#words[@]} - 1; i++)); do
        word=${words[i]//[\"\'\\]/}
        if [[ -z $command ]] && [[ -n $kind || $word == -* ]]; then globals+=("$word"); fi
        if [[ -n $kind ]]; then
            kind=
        elif [[ -n $ended ]]; then
            ended=more
        elif [[ $word == -- ]]; then
            ended=first
        elif [[ $word == -?* ]]; then
            _zoosh_value_kind "$word"
        elif [[ -z $command ]]; then
            command=$word
            _zoosh_describe "$command"
        else
            ((position += 1))
        fi
    done

    if [[ -n $kind ]]; then
        :
    elif [[ -n $system && -n $ended ]]; then
        if [[ $ended == first ]]; then kind=system; else kind=file; fi
    elif [[ -z $ended && $cur == --*=* ]]; then
        _zoosh_value_kind "${cur%%=*}"
        cut=
        cur=${cur#*=}
    elif [[ -z $ended && $cur == -* ]]; then
        mapfile -t COMPREPLY < <(compgen -W "$options" -- "$cur")
        return
    elif [[ -z $command ]]; then
        kind=command
    else
        local kinds
        read -ra kinds <<<"$operands"
        if ((position >= ${#kinds[@]})); then position=$((${#kinds[@]} - 1)) repeats=1; else repeats=; fi
        ((position >= 0)) || return
        kind=${kinds[position]}
        [[ -z $repeats || $kind == *... ]] || return
        kind=${kind%...}
    fi
    _zoosh_reply
    if [[ -n $cut ]]; then COMPREPLY=("${COMPREPLY[@]#"$cut"}"); fi
}

complete -F _zoosh zoosh
