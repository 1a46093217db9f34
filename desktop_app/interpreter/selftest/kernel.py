"""Attacks on the kernel's wider doors, on memory that no limit counts, and on the limits themselves."""

from desktop_app.interpreter.selftest.attack import Attack

DOORS, UNCOUNTED, MOUNTS, LIMITS = (
    "open a door of the kernel",
    "take uncounted memory",
    "be elsewhere",
    "take too much",
)

ATTACKS = (
    Attack(DOORS, "io_uring", "call('io_uring_setup', 4, bytes(120))"),
    Attack(DOORS, "aio", "call('io_setup', 1, bytes(8))"),
    Attack(DOORS, "bpf", "call('bpf', 0, bytes(128), 128)"),
    Attack(DOORS, "perf", "call('perf_event_open', bytes(128), 0, -1, -1, 0)"),
    Attack(DOORS, "userfaultfd", "call('userfaultfd', 1)"),
    Attack(DOORS, "keys", "call('add_key', b'user\\0', b'deskside\\0', b'x', 1, -3)"),
    Attack(DOORS, "keyctl", "call('keyctl', 0, -3, 0)"),
    Attack(DOORS, "fanotify", "call('fanotify_init', 0, 0)"),
    Attack(DOORS, "modules", "call('finit_module', 0, b'\\0', 0)"),
    Attack(DOORS, "virtual machines", "os.open('/dev/kvm', os.O_RDWR)"),
    Attack(DOORS, "file systems of its own", "os.open('/dev/fuse', os.O_RDWR)"),
    Attack(UNCOUNTED, "memfd", "os.memfd_create('x')"),
    Attack(UNCOUNTED, "secret memory", "call('memfd_secret', 0)"),
    Attack(UNCOUNTED, "shared memory", "call('shmget', 0, 1 << 20, 0o1600)"),
    Attack(UNCOUNTED, "semaphores", "call('semget', 0, 1, 0o1600)"),
    Attack(UNCOUNTED, "messages", "call('msgget', 0, 0o1600)"),
    Attack(UNCOUNTED, "message queues", "call('mq_open', b'deskside\\0', 0o102, 0o600, 0)"),
    Attack(UNCOUNTED, "a larger pipe", "import fcntl\nfcntl.fcntl(os.pipe()[0], 1031, 1 << 20)"),
    Attack(UNCOUNTED, "pinned memory", "if libc.mlockall(3) != 0: raise OSError('refused')"),
    Attack(MOUNTS, "mount", "call('mount', b'none\\0', (data + '\\0').encode(), b'tmpfs\\0', 0, 0)"),
    Attack(MOUNTS, "open_tree", "call('open_tree', -100, b'/\\0', 1)"),
    Attack(MOUNTS, "fsopen", "call('fsopen', b'tmpfs\\0', 0)"),
    Attack(MOUNTS, "a user namespace", "call('unshare', 0x10000000)"),
    Attack(MOUNTS, "a user namespace by clone", "call('clone', 0x10000000 | 17, 0, 0, 0, 0) or os._exit(0)"),
    Attack(MOUNTS, "setns", "call('setns', 0, 0)"),
    Attack(MOUNTS, "chroot", "os.chroot(data)"),
    Attack(MOUNTS, "pivot_root", "call('pivot_root', b'.\\0', b'.\\0')"),
    Attack(MOUNTS, "personality", "call('personality', 0x0040000)"),
    Attack(MOUNTS, "files by handle", "call('open_by_handle_at', -100, bytes(128), 0)"),
    Attack(MOUNTS, "openat2", "call('openat2', -100, b'/etc/passwd\\0', bytes(24), 24)"),
    Attack(LIMITS, "6 GB of memory", "bytearray(6 << 30)"),
    Attack(LIMITS, "6 GB of shared memory", "mmap.mmap(-1, 6 << 30)"),
    Attack(LIMITS, "100 GB of addresses", "mmap.mmap(-1, 100 << 30, flags=mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS)"),
    Attack(LIMITS, "a file of 1 TB", "open(data + '/large', 'wb').truncate(1 << 40)"),
    Attack(
        LIMITS,
        "a file of 1 GB written",
        "with open(data + '/large', 'wb') as f:\n    for _ in range(1024): f.write(bytes(1 << 20))",
    ),
    Attack(
        LIMITS,
        "2000 threads",
        """
gate = threading.Event()
try:
    for _ in range(2000): threading.Thread(target=gate.wait, daemon=True).start()
finally:
    gate.set()
""",
    ),
    Attack(LIMITS, "1000 open files", "kept = [open(os.devnull) for _ in range(1000)]"),
    Attack(LIMITS, "a folder that nobody can look into", "os.mkdir(data + '/closed', 0o300)"),
    Attack(LIMITS, "a folder closed by the mask", "os.umask(0o700)\nos.mkdir(data + '/masked')"),
)
