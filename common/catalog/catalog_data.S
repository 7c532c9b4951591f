/* The catalog as it was shipped, read-only and shared with the file: it costs no private memory
   until it is read. Followed by the padding that simdjson reads beyond the end of its input. */
        .section .rodata
        .balign 64
        .global routerone_catalog_begin
        .global routerone_catalog_end
routerone_catalog_begin:
        .incbin "common/catalog/catalog.json"
routerone_catalog_end:
        .zero 128
        .section .note.GNU-stack,"",%progbits
