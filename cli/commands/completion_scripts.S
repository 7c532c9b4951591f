/* The scripts of completions/, read-only and as they are. */
        .section .rodata
        .global routerone_bash_begin
        .global routerone_bash_end
        .global routerone_zsh_begin
        .global routerone_zsh_end
        .global routerone_fish_begin
        .global routerone_fish_end
routerone_bash_begin:
        .incbin "completions/routerone.bash"
routerone_bash_end:
routerone_zsh_begin:
        .incbin "completions/_routerone"
routerone_zsh_end:
routerone_fish_begin:
        .incbin "completions/routerone.fish"
routerone_fish_end:
        .section .note.GNU-stack,"",%progbits
