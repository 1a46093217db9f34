"""Attacks on other processes, and starting new ones.

Names that the code knows: `host` (the application's process id), `other_pid` (another session's), `decoy_key` (a
secret in the application's environment).
"""

from desktop_app.interpreter.selftest.attack import Attack

LOOKING, TRACING, SIGNALLING, INHERITING = "look into the application", "trace it", "signal it", "inherit from it"
STARTING, FOREIGN = "start a program", "speak another dialect"

_SHELLCODE = """
page = mmap.mmap(-1, 4096, prot=mmap.PROT_READ | mmap.PROT_WRITE | mmap.PROT_EXEC)
page.write(bytes.fromhex({code!r}))
answer = ctypes.CFUNCTYPE(ctypes.c_long)(ctypes.addressof(ctypes.c_char.from_buffer(page)))()
"""

ATTACKS = (
    # first, before other attacks leave files open
    Attack(
        INHERITING,
        "open files",
        """
import stat
def kind(n):
    try: return stat.S_IFMT(os.fstat(n).st_mode)
    except OSError: return None
kinds = [kind(n) for n in range(256)]
return any(k in (stat.S_IFSOCK, stat.S_IFBLK, stat.S_IFDIR) for k in kinds) or kinds.count(stat.S_IFIFO) > 12
""",
    ),
    *(
        Attack(LOOKING, f"/proc/PID/{name}", f"open(f'/proc/{{host}}/{name}', 'rb').read(1)")
        for name in ("environ", "mem", "maps", "cmdline", "status")
    ),
    Attack(LOOKING, "/proc/PID/root", "os.listdir(f'/proc/{host}/root')"),
    Attack(LOOKING, "/proc/PID/fd", "os.listdir(f'/proc/{host}/fd')"),
    Attack(LOOKING, "/proc/PID/cwd", "os.listdir(f'/proc/{host}/cwd')"),
    Attack(LOOKING, "another session", "open(f'/proc/{other_pid}/environ', 'rb').read(1)"),
    Attack(
        LOOKING,
        "the list of processes",
        "return any(n.isdecimal() and int(n) not in (1, os.getpid()) for n in os.listdir('/proc'))",
    ),
    Attack(TRACING, "ptrace, seize", "call('ptrace', 0x4206, host, 0, 0)"),
    Attack(TRACING, "ptrace, attach", "call('ptrace', 16, host, 0, 0)"),
    Attack(TRACING, "process_vm_readv", "call('process_vm_readv', host, 0, 0, 0, 0, 0)"),
    Attack(TRACING, "process_vm_writev", "call('process_vm_writev', host, 0, 0, 0, 0, 0)"),
    Attack(TRACING, "pidfd_open", "call('pidfd_open', host, 0)"),
    Attack(TRACING, "pidfd_getfd", "call('pidfd_getfd', 0, 0, 0)"),
    Attack(TRACING, "kcmp", "call('kcmp', os.getpid(), host, 0, 0, 0)"),
    Attack(SIGNALLING, "kill", "os.kill(host, 0)"),
    Attack(SIGNALLING, "kill all", "os.kill(-1, 0)"),
    Attack(SIGNALLING, "kill its group", "os.killpg(0, 0)"),
    Attack(SIGNALLING, "another session", "os.kill(other_pid, 0)"),
    Attack(SIGNALLING, "tgkill", "call('tgkill', host, host, 0)"),
    Attack(SIGNALLING, "tkill", "call('tkill', host, 0)"),
    Attack(SIGNALLING, "rt_sigqueueinfo", "call('rt_sigqueueinfo', host, 0, bytes(128))"),
    Attack(SIGNALLING, "as owner of a descriptor", "import fcntl\nfcntl.fcntl(os.pipe()[0], fcntl.F_SETOWN, host)"),
    Attack(
        SIGNALLING,
        "as owner of a descriptor, by ioctl",
        "import fcntl\nfcntl.ioctl(os.pipe()[0], 0x8901, struct.pack('i', host))",
    ),
    Attack(SIGNALLING, "its limits", "resource.prlimit(host, resource.RLIMIT_NOFILE, (10, 10))"),
    Attack(SIGNALLING, "its priority", "os.setpriority(os.PRIO_PROCESS, host, 19)"),
    Attack(SIGNALLING, "the priority of all", "os.setpriority(os.PRIO_USER, 0, 19)"),
    Attack(SIGNALLING, "its processors", "os.sched_setaffinity(host, {0})"),
    Attack(SIGNALLING, "its disk priority", "call('ioprio_set', 1, host, 0)"),
    Attack(SIGNALLING, "outliving it", "if libc.prctl(1, 0, 0, 0, 0) != 0: raise OSError('refused')"),
    Attack(
        SIGNALLING,
        "typing into its terminal",
        "import fcntl, termios\nfcntl.ioctl(os.open('/dev/tty', os.O_RDWR), termios.TIOCSTI, b'x')",
    ),
    Attack(INHERITING, "secrets in the environment", "return any(decoy_key in v for v in os.environ.values())"),
    Attack(
        INHERITING,
        "secrets in the first environment",
        "return decoy_key.encode() in open('/proc/self/environ', 'rb').read()",
    ),
    Attack(INHERITING, "more memory", "resource.setrlimit(resource.RLIMIT_AS, (-1, -1))"),
    Attack(INHERITING, "larger files", "resource.setrlimit(resource.RLIMIT_FSIZE, (-1, -1))"),
    Attack(INHERITING, "privileges", "os.setuid(0) if os.getuid() else os.setresuid(0, 0, 0)"),
    Attack(INHERITING, "capabilities", "call('capset', struct.pack('Ii', 0x20080522, 0), bytes([255]) * 24)"),
    Attack(STARTING, "fork", "os._exit(0) if os.fork() == 0 else None"),
    Attack(STARTING, "vfork", "call('vfork')", machine="x86_64"),
    Attack(STARTING, "clone", "call('clone', 17, 0, 0, 0, 0) or os._exit(0)"),
    Attack(STARTING, "clone3", "call('clone3', bytes(88), 88) or os._exit(0)"),
    Attack(STARTING, "exec", "os.execv('/bin/sh', ['sh', '-c', 'exit 0'])"),
    Attack(STARTING, "exec of Python", "os.execv(sys.executable, [sys.executable, '-c', ''])"),
    Attack(STARTING, "execveat", "call('execveat', -100, b'/bin/sh\\0', 0, 0, 0)"),
    Attack(STARTING, "posix_spawn", "os.posix_spawn('/bin/true', ['true'], {})"),
    Attack(STARTING, "subprocess", "subprocess.run(['/bin/sh', '-c', 'true'])"),
    Attack(STARTING, "a setuid program", "subprocess.run(['/bin/su', '--version'])"),
    Attack(STARTING, "a shell", "return os.system('true') == 0"),
    Attack(STARTING, "a shell by libc", "return libc.system(b'true') == 0"),
    Attack(STARTING, "a terminal", "import pty\npty.fork()[0] or os._exit(0)"),
    Attack(
        STARTING,
        "multiprocessing",
        "import multiprocessing\nmultiprocessing.get_context('fork').Process(target=int).start()",
    ),
    Attack(
        STARTING, "a program of its own", "p = data + '/program'\nopen(p, 'w').write('#!/bin/sh\\n')\nos.execv(p, [p])"
    ),
    Attack(FOREIGN, "the x32 table", "call(0x40000000 + 39)", fatal=True, machine="x86_64"),
    # mov eax, 20 (getpid of 32 bits); int 0x80; ret
    Attack(FOREIGN, "32 bits", _SHELLCODE.format(code="b814000000cd80c3"), fatal=True, machine="x86_64"),
    # mov eax, 41 (socket); mov edi, 2; mov esi, 1; xor edx, edx; syscall; ret
    Attack(
        FOREIGN,
        "a socket by its own machine code",
        _SHELLCODE.format(code="b829000000bf02000000be0100000031d20f05c3") + "return answer >= 0",
        machine="x86_64",
    ),
    Attack(
        FOREIGN,
        "calls that come later",
        """
for number in range(463, 600):
    try: call(number, 0, 0, 0, 0, 0)
    except OSError as error:
        if error.errno != errno.ENOSYS: return True
return False
""",
    ),
)
