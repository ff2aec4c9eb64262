#include "sandbox/system_calls.h"

#include <cerrno>
#include <vector>

#include <fcntl.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sched.h>
#include <seccomp.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

namespace kverify::sandbox {

struct SystemCallFilter::Program {
  std::vector<sock_filter> code;
};

namespace {

/// What clang, LLVM's JIT, Z3, cvc5 and Python need, by what it is for. Found by tracing audits, and kept to what cannot
/// reach outside: nothing here opens a socket, mounts, traces, loads code into the kernel, or changes modes or owners.
constexpr int kAllowed[] = {
    // memory
    SCMP_SYS(brk), SCMP_SYS(mmap), SCMP_SYS(munmap), SCMP_SYS(mremap), SCMP_SYS(mprotect), SCMP_SYS(madvise),
    SCMP_SYS(msync), SCMP_SYS(membarrier),
    // threads and processes; clone has a rule of its own below
    SCMP_SYS(fork), SCMP_SYS(vfork), SCMP_SYS(execve), SCMP_SYS(exit), SCMP_SYS(exit_group), SCMP_SYS(wait4),
    SCMP_SYS(waitid), SCMP_SYS(futex), SCMP_SYS(set_robust_list), SCMP_SYS(get_robust_list), SCMP_SYS(set_tid_address),
    SCMP_SYS(rseq), SCMP_SYS(arch_prctl), SCMP_SYS(sched_yield), SCMP_SYS(sched_getaffinity), SCMP_SYS(getcpu),
    SCMP_SYS(setsid), SCMP_SYS(setpgid), SCMP_SYS(getpgrp), SCMP_SYS(getpgid), SCMP_SYS(getsid),
    // signals, which reach no further than the process namespace or Landlock's scope where there is one
    SCMP_SYS(rt_sigaction), SCMP_SYS(rt_sigprocmask), SCMP_SYS(rt_sigreturn), SCMP_SYS(rt_sigpending),
    SCMP_SYS(rt_sigsuspend), SCMP_SYS(rt_sigtimedwait), SCMP_SYS(sigaltstack), SCMP_SYS(kill), SCMP_SYS(tkill),
    SCMP_SYS(tgkill), SCMP_SYS(pause), SCMP_SYS(restart_syscall), SCMP_SYS(alarm), SCMP_SYS(setitimer),
    SCMP_SYS(getitimer),
    // files
    SCMP_SYS(close), SCMP_SYS(close_range), SCMP_SYS(read), SCMP_SYS(readv), SCMP_SYS(pread64), SCMP_SYS(write),
    SCMP_SYS(writev), SCMP_SYS(pwrite64), SCMP_SYS(lseek), SCMP_SYS(stat), SCMP_SYS(lstat), SCMP_SYS(fstat),
    SCMP_SYS(newfstatat), SCMP_SYS(statx), SCMP_SYS(statfs), SCMP_SYS(fstatfs), SCMP_SYS(access), SCMP_SYS(faccessat),
    SCMP_SYS(faccessat2), SCMP_SYS(readlink), SCMP_SYS(readlinkat), SCMP_SYS(getdents64), SCMP_SYS(getcwd),
    SCMP_SYS(chdir), SCMP_SYS(fchdir), SCMP_SYS(mkdir), SCMP_SYS(mkdirat), SCMP_SYS(rmdir), SCMP_SYS(unlink),
    SCMP_SYS(unlinkat), SCMP_SYS(rename), SCMP_SYS(renameat), SCMP_SYS(renameat2), SCMP_SYS(ftruncate),
    SCMP_SYS(fallocate), SCMP_SYS(fsync), SCMP_SYS(fdatasync), SCMP_SYS(fadvise64), SCMP_SYS(flock), SCMP_SYS(umask),
    SCMP_SYS(creat), SCMP_SYS(copy_file_range), SCMP_SYS(sendfile), SCMP_SYS(fcntl), SCMP_SYS(dup), SCMP_SYS(dup2),
    SCMP_SYS(dup3), SCMP_SYS(pipe), SCMP_SYS(pipe2), SCMP_SYS(poll), SCMP_SYS(ppoll), SCMP_SYS(select),
    SCMP_SYS(pselect6), SCMP_SYS(epoll_create1), SCMP_SYS(epoll_ctl), SCMP_SYS(epoll_wait), SCMP_SYS(epoll_pwait),
    SCMP_SYS(eventfd2),
    // who and when
    SCMP_SYS(getpid), SCMP_SYS(gettid), SCMP_SYS(getppid), SCMP_SYS(getuid), SCMP_SYS(geteuid), SCMP_SYS(getgid),
    SCMP_SYS(getegid), SCMP_SYS(getresuid), SCMP_SYS(getresgid), SCMP_SYS(getgroups), SCMP_SYS(uname),
    SCMP_SYS(sysinfo), SCMP_SYS(getrusage), SCMP_SYS(times), SCMP_SYS(getrlimit), SCMP_SYS(setrlimit),
    SCMP_SYS(getpriority), SCMP_SYS(clock_gettime), SCMP_SYS(clock_getres), SCMP_SYS(clock_nanosleep),
    SCMP_SYS(nanosleep), SCMP_SYS(gettimeofday), SCMP_SYS(time), SCMP_SYS(getrandom),
};

/// libseccomp's rules have an optional list of comparisons of arguments, all of which must hold.
bool allowIf(scmp_filter_ctx filter, int call, std::vector<scmp_arg_cmp> arguments) {
  return seccomp_rule_add_array(filter, SCMP_ACT_ALLOW, call, static_cast<unsigned>(arguments.size()),
                                arguments.data()) == 0;
}

bool refuse(scmp_filter_ctx filter, int call, int error) {
  return seccomp_rule_add_array(filter, SCMP_ACT_ERRNO(error), call, 0, nullptr) == 0;
}

/// Opening is allowed, but for emptying a file that is opened for reading: Landlock before version 3 lets that through.
bool allowOpening(scmp_filter_ctx filter, int call, unsigned flags_at) {
  constexpr scmp_datum_t kMask = O_ACCMODE | O_TRUNC;
  bool done = true;
  for (int access : {O_RDONLY, O_WRONLY, O_RDWR})
    done = done && allowIf(filter, call, {SCMP_CMP(flags_at, SCMP_CMP_MASKED_EQ, kMask, scmp_datum_t(access))});
  for (int access : {O_WRONLY | O_TRUNC, O_RDWR | O_TRUNC})
    done = done && allowIf(filter, call, {SCMP_CMP(flags_at, SCMP_CMP_MASKED_EQ, kMask, scmp_datum_t(access))});
  return done;
}

bool addRules(scmp_filter_ctx filter) {
  bool done = true;
  for (int call : kAllowed)
    done = done && allowIf(filter, call, {});
  done = done && allowOpening(filter, SCMP_SYS(open), 1) && allowOpening(filter, SCMP_SYS(openat), 2);
  // Threads and forks, but no namespaces, where a process would be root again. (clone3, whose flags cannot be seen,
  // does not exist: glibc falls back.)
  constexpr scmp_datum_t kNamespaces = CLONE_NEWUSER | CLONE_NEWNS | CLONE_NEWPID | CLONE_NEWNET | CLONE_NEWIPC |
                                       CLONE_NEWUTS | CLONE_NEWCGROUP;
  done = done && allowIf(filter, SCMP_SYS(clone), {SCMP_A0(SCMP_CMP_MASKED_EQ, kNamespaces, 0)});
  // Its own limits only: other processes of this user have limits too.
  done = done && allowIf(filter, SCMP_SYS(prlimit64), {SCMP_A0(SCMP_CMP_EQ, 0)});
  for (scmp_datum_t option : {PR_SET_NAME, PR_GET_NAME, PR_SET_PDEATHSIG, PR_SET_VMA, PR_CAPBSET_READ})
    done = done && allowIf(filter, SCMP_SYS(prctl), {SCMP_A0(SCMP_CMP_EQ, option)});
  done = done && allowIf(filter, SCMP_SYS(prctl), {SCMP_A0(SCMP_CMP_EQ, PR_SET_DUMPABLE), SCMP_A1(SCMP_CMP_EQ, 0)});
  // To give up more (compute_only.h): a further filter can only refuse what this one allows. No listener (a flag), which would answer.
  done = done && allowIf(filter, SCMP_SYS(prctl), {SCMP_A0(SCMP_CMP_EQ, PR_SET_NO_NEW_PRIVS)});
  done = done && allowIf(filter, SCMP_SYS(seccomp), {SCMP_A0(SCMP_CMP_EQ, SECCOMP_SET_MODE_FILTER), SCMP_A1(SCMP_CMP_EQ, SECCOMP_FILTER_FLAG_SPEC_ALLOW)});
  // Terminals are asked what they are, and never fed (TIOCSTI).
  for (scmp_datum_t request : {TCGETS, FIONREAD, FIOCLEX, FIONCLEX, FIONBIO, TIOCGWINSZ})
    done = done && allowIf(filter, SCMP_SYS(ioctl), {SCMP_A1(SCMP_CMP_MASKED_EQ, 0xffffffff, request)});
  return done && refuse(filter, SCMP_SYS(socket), EACCES) && refuse(filter, SCMP_SYS(socketpair), EACCES) &&
         refuse(filter, SCMP_SYS(ptrace), EPERM);
}

/// The filter as the kernel takes it, by way of a file, which is how the library gives it out.
std::vector<sock_filter> exported(scmp_filter_ctx filter) {
  int fd = memfd_create("filter", MFD_CLOEXEC);
  std::vector<sock_filter> code;
  if (fd < 0)
    return code;
  off_t size = seccomp_export_bpf(filter, fd) == 0 ? lseek(fd, 0, SEEK_END) : 0;
  code.resize(static_cast<std::size_t>(size) / sizeof(sock_filter));
  if (pread(fd, code.data(), static_cast<std::size_t>(size), 0) != size)
    code.clear();
  close(fd);
  return code;
}

} // namespace

std::unique_ptr<SystemCallFilter> SystemCallFilter::create() {
  scmp_filter_ctx filter = seccomp_init(SCMP_ACT_ERRNO(ENOSYS));
  if (!filter)
    return nullptr;
  // A call by another architecture's numbers ends the process, which is the library's default.
  seccomp_attr_set(filter, SCMP_FLTATR_CTL_OPTIMIZE, 2);
  auto program = std::make_unique<Program>();
  if (addRules(filter))
    program->code = exported(filter);
  seccomp_release(filter);
  bool usable = !program->code.empty() && program->code.size() <= BPF_MAXINSNS;
  return usable ? std::unique_ptr<SystemCallFilter>(new SystemCallFilter(std::move(program))) : nullptr;
}

SystemCallFilter::SystemCallFilter(std::unique_ptr<Program> program) : program_(std::move(program)) {}
SystemCallFilter::~SystemCallFilter() = default;

bool SystemCallFilter::enter() const {
  sock_fprog code{.len = static_cast<unsigned short>(program_->code.size()), .filter = program_->code.data()};
  // SPEC_ALLOW: without it older kernels slow all memory accesses of a filtered process down, against a danger between
  // threads of one process, which is none here.
  return syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, SECCOMP_FILTER_FLAG_SPEC_ALLOW, &code) == 0;
}

} // namespace kverify::sandbox
