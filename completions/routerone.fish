# fish completion for routerone. Thin on purpose: what may come is decided by `routerone __complete`;
# fish quotes what it puts in, so nothing that is said there is expanded or run here.

function __routerone_complete
    set -l tokens (commandline -opc)
    set -l typed (commandline -ct)
    # A quote may still be open.
    set -l current (string unescape -- "$typed" 2>/dev/null; or string replace -r '^["\']' '' -- "$typed")
    set -l program (string replace -r '^~/' "$HOME/" -- $tokens[1])
    command -sq -- $program; or set program routerone
    set -l answer (command $program __complete fish -- $tokens[2..] "$current" 2>/dev/null)
    set -l mode (string split -m 1 ' ' -- "$answer[1]")
    switch "$mode[1]"
        case plain
            string join \n -- $answer[2..]
        case files folders
            set -l lead (string sub -l $mode[2] -- "$current")
            set -l path (string sub -s (math $mode[2] + 1) -- "$current")
            if test $mode[1] = files
                string join \n -- "$lead"(__fish_complete_path "$path")
            else
                string join \n -- "$lead"(__fish_complete_directories "$path" '')
            end
        case programs
            __fish_complete_command
        case behind
            set -l behind (math $mode[2] + 2)
            complete -C (string join ' ' -- (string escape -- $tokens[$behind..]) "$typed")
    end 2>/dev/null
end

complete -c routerone -e
complete -c routerone -k -f -a '(__routerone_complete)'
