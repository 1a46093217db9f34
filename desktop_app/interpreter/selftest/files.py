"""Attacks on the files of the user, of the system, and of Python itself.

Names that the code knows: `home` (a private folder with a key, a database and a profile), `data` (its own folder),
`runtime` (a file of Python), `other` (the folder of another session).
"""

from desktop_app.interpreter.selftest.attack import Attack

READING, LISTING, BRINGING, WRITING = "read a file", "list a folder", "bring a file in", "change a file"
RUNTIME, SHARED = "change Python", "write elsewhere"

ATTACKS = (
    Attack(READING, "a private key", "open(home + '/id_rsa').read()"),
    Attack(READING, "a database", "open(home + '/library.sqlite3', 'rb').read(16)"),
    Attack(READING, "/etc/passwd", "open('/etc/passwd').read()"),
    Attack(READING, "/etc/shadow", "open('/etc/shadow').read()"),
    Attack(READING, "relative to its folder", "open(os.path.relpath(home + '/id_rsa')).read()"),
    Attack(READING, "through /proc/self/root", "open('/proc/self/root' + home + '/id_rsa').read()"),
    Attack(
        READING, "through a path descriptor", "d = os.open(home, os.O_PATH)\nos.open('id_rsa', os.O_RDONLY, dir_fd=d)"
    ),
    Attack(
        READING,
        "a descriptor of a path, opened again",
        "d = os.open(home + '/id_rsa', os.O_PATH)\nos.open(f'/proc/self/fd/{d}', os.O_RDONLY)",
    ),
    Attack(READING, "a block device", "[os.open('/dev/' + n, os.O_RDONLY) for n in ('vda', 'sda', 'mem', 'kmsg')]"),
    Attack(READING, "extended attributes", "os.getxattr(home + '/id_rsa', 'user.note')"),
    Attack(LISTING, "a private folder", "os.listdir(home)"),
    Attack(LISTING, "after going there", "os.chdir(home)\ntry:\n    os.listdir('.')\nfinally:\n    os.chdir(data)"),
    Attack(LISTING, "through a path descriptor", "os.listdir(os.open(home, os.O_PATH))"),
    Attack(LISTING, "the folder of another session", "os.listdir(other)"),
    Attack(LISTING, "all folders of sessions", "os.listdir(os.path.dirname(other))"),
    Attack(
        LISTING,
        "watching it",
        "d = call('inotify_init1', 0)\ncall('inotify_add_watch', d, (home + '\\0').encode(), 0xfff)",
    ),
    Attack(BRINGING, "by a symbolic link", "os.symlink(home + '/id_rsa', data + '/link')"),
    Attack(BRINGING, "by a hard link", "os.link(home + '/id_rsa', data + '/link')"),
    Attack(BRINGING, "by renaming it", "os.rename(home + '/id_rsa', data + '/key')"),
    Attack(BRINGING, "as a pipe", "os.mkfifo(data + '/pipe')"),
    Attack(BRINGING, "as a device", "os.mknod(data + '/device', 0o20600, os.makedev(1, 1))"),
    Attack(WRITING, "a new one", "open(home + '/new', 'w').write('x')"),
    Attack(WRITING, "appending to a profile", "open(home + '/.bashrc', 'a').write('x')"),
    Attack(WRITING, "emptying one by name", "os.truncate(home + '/.bashrc', 0)"),
    Attack(WRITING, "emptying one that is only read", "os.open(home + '/.bashrc', os.O_RDONLY | os.O_TRUNC)"),
    Attack(WRITING, "removing one", "os.unlink(home + '/.bashrc')"),
    Attack(WRITING, "removing a folder", "os.rmdir(home + '/empty')"),
    Attack(WRITING, "making a folder", "os.mkdir(home + '/made')"),
    Attack(WRITING, "moving one away", "os.rename(home + '/.bashrc', home + '/gone')"),
    # These are answered with success; what counts is whether anything changed.
    Attack(WRITING, "its mode", "os.chmod(home, 0o777)\nreturn os.stat(home).st_mode & 0o777 == 0o777"),
    Attack(WRITING, "its date", "call('utimensat', -100, (home + '/.bashrc\\0').encode(), 0, 0)\nreturn False"),
    Attack(
        WRITING,
        "its owner",
        "os.chown(home + '/.bashrc', 12345, 12345)\nreturn os.stat(home + '/.bashrc').st_uid == 12345",
    ),
    Attack(WRITING, "its attributes", "os.setxattr(home + '/.bashrc', 'user.x', b'1')\nreturn False"),
    Attack(RUNTIME, "a module", "open(runtime, 'ab')"),
    Attack(RUNTIME, "a new module", "open(os.path.dirname(runtime) + '/attack.py', 'x')"),
    Attack(
        RUNTIME,
        "a package",
        "os.mkdir(os.path.dirname(sys.modules['numpy'].__file__ if 'numpy' in sys.modules else runtime) + '/attack')",
    ),
    Attack(
        RUNTIME,
        "reading and emptying at once",
        "os.open(data + '/own', os.O_CREAT | os.O_WRONLY)\nos.open(data + '/own', os.O_RDONLY | os.O_TRUNC)",
    ),
    Attack(SHARED, "the temporary folder", "open('/tmp/deskside-attack', 'w')"),
    Attack(SHARED, "shared memory", "open('/dev/shm/deskside-attack', 'w')"),
    Attack(SHARED, "/var/tmp", "open('/var/tmp/deskside-attack', 'w')"),
    Attack(SHARED, "the top of the file system", "open('/deskside-attack', 'w')"),
    Attack(SHARED, "a setting of the kernel", "os.write(os.open('/proc/self/oom_score_adj', os.O_WRONLY), b'-1000')"),
    Attack(SHARED, "the folder of another session", "open(other + '/attack', 'w')"),
    Attack(SHARED, "a terminal", "fd = os.open('/dev/ptmx', os.O_RDWR)"),
)
