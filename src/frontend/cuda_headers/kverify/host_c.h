// The C library's names that nvcc's own includes make visible everywhere. Only declarations, as glibc has them:
// including <cmath> and friends for everybody would triple the compile time of a small kernel.
#pragma once
#pragma GCC system_header

typedef __SIZE_TYPE__ size_t;
struct _IO_FILE;

extern "C" {
typedef struct _IO_FILE FILE;
extern FILE* stdin;
extern FILE* stdout;
extern FILE* stderr;
int printf(const char* __restrict, ...);
int fprintf(FILE* __restrict, const char* __restrict, ...);
int sprintf(char* __restrict, const char* __restrict, ...) noexcept(true);
int snprintf(char* __restrict, size_t, const char* __restrict, ...) noexcept(true);
int puts(const char*);
int fflush(FILE*);
void* malloc(size_t) noexcept(true);
void* calloc(size_t, size_t) noexcept(true);
void* realloc(void*, size_t) noexcept(true);
void free(void*) noexcept(true);
void exit(int) noexcept(true) __attribute__((noreturn));
void abort() noexcept(true) __attribute__((noreturn));
int atoi(const char*) noexcept(true);
double atof(const char*) noexcept(true);
int rand() noexcept(true);
void srand(unsigned) noexcept(true);
void* memcpy(void* __restrict, const void* __restrict, size_t) noexcept(true);
void* memmove(void*, const void*, size_t) noexcept(true);
void* memset(void*, int, size_t) noexcept(true);
int memcmp(const void*, const void*, size_t) noexcept(true);
size_t strlen(const char*) noexcept(true);
int strcmp(const char*, const char*) noexcept(true);

// Device-side system calls; clang turns printf into vprintf.
__device__ int vprintf(const char*, const char*);
__device__ int printf(const char*, ...);
__device__ void* malloc(size_t) __attribute__((nothrow, malloc));
__device__ void free(void*) __attribute__((nothrow));
__device__ void __assertfail(const char* message, const char* file, unsigned line, const char* function,
                             size_t char_size);
// What assert() of <assert.h> calls.
__device__ static inline void __assert_fail(const char* message, const char* file, unsigned line,
                                            const char* function) {
  __assertfail(message, file, line, function, sizeof(char));
}
}

KV_DEVICE void* memcpy(void* to, const void* from, size_t bytes) { return __builtin_memcpy(to, from, bytes); }
KV_DEVICE void* memmove(void* to, const void* from, size_t bytes) { return __builtin_memmove(to, from, bytes); }
KV_DEVICE void* memset(void* to, int value, size_t bytes) { return __builtin_memset(to, value, bytes); }
