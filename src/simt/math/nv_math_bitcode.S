    .section .rodata
    .global kverify_nv_math_begin
    .global kverify_nv_math_end
    .balign 16
kverify_nv_math_begin:
    .incbin KVERIFY_NV_MATH_BC
kverify_nv_math_end:
    .byte 0
    .section .note.GNU-stack,"",@progbits
