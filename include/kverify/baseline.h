#pragma once
// What a shared object exports to be a baseline of `kverify bench --baseline LIB.so`: one C function that starts the operation's
// launches on the current CUDA context and returns; kverify times it.
#ifdef __cplusplus
extern "C" {
#endif

struct kverify_tensor {
  const char* role;         /* of the spec: "Q", "K", "V", "O" */
  const char* dtype;        /* "f32", "f16", "bf16", "i32", "i64", "u8" */
  int rank;
  const long long* extents; /* contiguous, row-major, in the order of the spec's axes */
  void* data;               /* on the device; an output has no contents yet */
};

struct kverify_option {
  const char* name;  /* of the spec: "scale", "causal" */
  double number;     /* of an integer or real option */
  const char* text;  /* of a choice; else null */
};

/* Starts the work on `stream` (a CUstream). 0 = started. Must not keep results between calls: the contents change. */
int kverify_baseline(int tensors, const struct kverify_tensor* tensor, int options, const struct kverify_option* option,
                     void* stream);

#ifdef __cplusplus
}
#endif
