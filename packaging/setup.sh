# Sets up Deskside in this checkout; sourced by `start` and `test`, which say which packages they need.
# Installs the system's libraries that are missing (apt, with sudo where needed), makes .venv from the lock file,
# and obtains the model files for search once. Compiles nothing; a second run finds everything there.

set -eu
root=$(CDPATH='' cd -- "$(dirname -- "$0")/.." && pwd)
cd "$root"

say() { printf '\033[1m%s\033[0m\n' "deskside: $*" >&2; }
fail() { say "$*"; exit 1; }

as_root() {
    if [ "$(id -u)" -eq 0 ]; then "$@"
    elif command -v sudo >/dev/null; then sudo "$@"
    else fail "this needs root once, and there is no sudo: $*"
    fi
}

apt_install() {
    command -v apt-get >/dev/null || fail "please install the equivalents of these packages and start again: $*"
    say "installing system packages: $*"
    as_root apt-get update -q
    as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y -q --no-install-recommends "$@"
}

# $1: words of PACKAGE:LIBRARY or PACKAGE:COMMAND. Installs the packages whose library or command is not there.
need_system() {
    libraries=$(PATH="$PATH:/sbin:/usr/sbin" ldconfig -p 2>/dev/null || true)
    missing=
    for pair in $1; do
        case "$libraries" in *"${pair#*:}"*) continue ;; esac
        command -v "${pair#*:}" >/dev/null || missing="$missing ${pair%%:*}"
    done
    # shellcheck disable=SC2086 # a list of words
    [ -z "$missing" ] || apt_install $missing
}

find_python() {
    for name in python3 python3.13 python3.12 python3.11; do
        if command -v "$name" >/dev/null && "$name" -c \
            'import sys; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 13))' 2>/dev/null; then
            python=$(command -v "$name"); return 0
        fi
    done
    return 1
}

need_python() {
    find_python || apt_install python3 python3-venv
    find_python || apt_install python3.11 python3.11-venv
    find_python || fail "Python 3.11, 3.12 or 3.13 is needed (https://www.python.org/downloads/)"
    "$python" -c 'import ensurepip, venv' 2>/dev/null ||
        apt_install "$("$python" -c 'import sys; print("python3.%d-venv" % sys.version_info[1])')"
}

# $1: a lock file. Makes .venv and installs exactly what the lock file says, checked by hash.
need_packages() {
    [ -x .venv/bin/python ] || { say "making .venv with $python"; "$python" -m venv .venv; }
    wanted="$(cksum < "$1") $root"
    if [ "$(cat ".venv/$(basename "$1").installed" 2>/dev/null)" != "$wanted" ]; then
        say "installing Python packages from $1 (a download of some hundred MB the first time)"
        .venv/bin/python -m pip install --quiet --disable-pip-version-check --require-hashes --only-binary :all: -r "$1"
        .venv/bin/python -m pip install --quiet --disable-pip-version-check --no-deps -e .
        printf '%s' "$wanted" > ".venv/$(basename "$1").installed"
    fi
}

system_libraries="libgomp1:libgomp.so.1 libgl1:libGL.so.1 libegl1:libEGL.so.1 libxkbcommon-x11-0:libxkbcommon-x11.so.0
    libfontconfig1:libfontconfig.so.1 libdbus-1-3:libdbus-1.so.3 libglib2.0-0:libglib-2.0.so.0
    libxcb-cursor0:libxcb-cursor.so.0 libxcb-icccm4:libxcb-icccm.so.4 libxcb-keysyms1:libxcb-keysyms.so.1
    libxcb-shape0:libxcb-shape.so.0 ca-certificates:update-ca-certificates"
