"""Which sandbox this machine offers, strongest first, and what to say about it."""

import functools
import mimetypes
import os
import platform
import site
import sys
import sysconfig
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from desktop_app.interpreter import verified
from desktop_app.interpreter.base import Level, Sandbox

_SYSTEM = (
    *("/usr", "/lib", "/lib64", "/lib32", "/bin", "/etc/ld.so.cache", "/etc/localtime", "/etc/timezone"),
    *("/nix/store", "/etc/fonts", *(str(file) for file in mimetypes.knownfiles)),
)

STANDARD_GAP = "It can see whether a file exists, its size and date."
_MESSAGES: dict[Level, str] = {
    "full": "Sandbox: full. Code cannot see your files, use the network or start programs.",
    "standard": "Sandbox: standard. Code cannot open your files, use the network or start programs. "
    f"{STANDARD_GAP} Install bubblewrap for full isolation.",
    "reduced": "Sandbox: reduced (Landlock missing). Code cannot see your files, use the network or start programs, "
    "but one of two walls is absent.",
}


@dataclass(frozen=True)
class Offer:
    """A way to confine a worker. `wrapper`: the bubblewrap program; `landlock`: the version to use, 0 for none."""

    level: Level
    wrapper: str | None = None
    landlock: int = 0


_UNTRIED = {"Darwin": (Offer("full"),), "Windows": (Offer("full"),)}
"""Systems whose walls nobody has attacked yet but on their own machines."""


def sandbox(offer: Offer | None, reason: str = "") -> Sandbox:
    """What people are told about an offer, or about there being none."""
    if offer is None:
        return Sandbox("none", unavailable(reason))
    return Sandbox(offer.level, _MESSAGES[offer.level])


def remedy(offer: Offer | None) -> str:
    """What a person can do about an offer that isn't the best; empty when it is."""
    if offer is not None and offer.level == "full":
        return ""
    if platform.system() != "Linux":
        return "Run `deskside doctor --self-test`: if it passes, the code interpreter is turned on."
    if offer is not None and offer.level == "reduced":
        return "Use a kernel with Landlock (5.13 or later, with `landlock` among its security modules)."
    return "Install bubblewrap (`sudo apt install bubblewrap`, or your system's package of that name)."


def unavailable(reason: str) -> str:
    return (
        f"Code interpreter is unavailable: this system offers no sandbox ({reason}). See Settings > Code interpreter."
    )


def weaker(offers: Sequence[Offer]) -> tuple[Offer, ...]:
    """The offers, and what remains of the strongest on a machine without Landlock."""
    return (*offers, *(Offer("reduced", offer.wrapper) for offer in offers if offer.level == "full"))


@functools.cache
def offers() -> tuple[tuple[Offer, ...], str]:
    """What this machine offers, strongest first, and why there is nothing when there is nothing."""
    system = platform.system()
    if system == "Linux":
        return _linux_offers()
    if system not in _UNTRIED:
        return (), f"there is none for {system} yet"
    if verified.holds():
        return _UNTRIED[system], ""
    return (), "it has not passed its self-test on this machine yet: run `deskside doctor --self-test`"


def to_try() -> tuple[Offer, ...]:
    """What the self-test attacks: all offers, and walls that are off until it has passed."""
    return weaker(offers()[0]) or _UNTRIED.get(platform.system(), ())


def _linux_offers() -> tuple[tuple[Offer, ...], str]:
    from desktop_app.interpreter.linux import bwrap, landlock, seccomp

    if not seccomp.supported():
        return (), f"the system calls of this machine, {os.uname().machine}, are not known"
    version = landlock.version()
    program = bwrap.find()
    if program is not None and not bwrap.works(program, readable()):
        program = None
    found = []
    if program is not None:
        found.append(Offer("full", program, version) if version else Offer("reduced", program))
    if version:
        found.append(Offer("standard", None, version))
    return tuple(found), "the kernel has no Landlock, and bubblewrap is not installed or not allowed to work"


def readable() -> list[str]:
    """What a worker must read to be Python: its installation, its libraries, this package, fonts and the time zone."""
    found: list[str] = []
    for folder in (*_SYSTEM, *_installation()):
        if Path(folder).exists() and not any(_beneath(folder, other) for other in found):
            found.append(folder)
    return found


def exposed(private: Sequence[Path]) -> Path | None:
    """The first of these folders that lies where every worker may read because Python is installed there."""
    roots = [Path(root).resolve() for root in _installation()]
    return next((path for path in private if any(path.resolve().is_relative_to(root) for root in roots)), None)


def _installation() -> list[str]:
    import desktop_app

    folders = [sys.base_prefix, sys.base_exec_prefix, sys.prefix, str(Path(desktop_app.__file__).parent)]
    folders += [sysconfig.get_path("purelib"), sysconfig.get_path("platlib"), *site.getsitepackages()]
    if site.ENABLE_USER_SITE:
        folders.append(str(site.getusersitepackages()))
    if getattr(sys, "frozen", False):
        folders.append(str(Path(sys.executable).parent))
    # where a link leads, too: inside bubblewrap only what was named is there
    return [*folders, *(str(Path(folder).resolve()) for folder in folders)]


def home() -> Path:
    """The user's own folder; one that is nowhere for a user without."""
    try:
        return Path.home()
    except RuntimeError:
        return Path("/nonexistent")


def hide_this_process() -> None:
    """Keep the memory of the process that holds the sessions from all others, code or not."""
    if sys.platform == "linux":
        from desktop_app.interpreter.linux import process

        process.hide()


def _beneath(path: str, other: str) -> bool:
    return Path(path).is_relative_to(other) and not Path(other).is_symlink()
