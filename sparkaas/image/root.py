# SPDX-License-Identifier: Apache-2.0
"""Our own stages: a root directory by debootstrap, packages, the elements' scripts.

Nothing is mounted where the host could see it. In the new root there are the device
nodes that debootstrap makes, null and its like, and no block device.
"""

from __future__ import annotations

import dataclasses
import hashlib
import json
import os
import pathlib
import re
import shutil
import tempfile
import time
from collections.abc import Mapping
from collections.abc import Sequence

from sparkaas.image import elements
from sparkaas.image import running

#: What makes a Debian a machine. The rest is said by elements.
_SYSTEM = (
    "systemd",
    "systemd-sysv",
    "dbus",
    "ifupdown",
    "isc-dhcp-client",
    "netbase",
    "ca-certificates",
)
_BOOTSTRAP_SECONDS = 1800
_INSTALL_SECONDS = 1800
_SCRIPT_SECONDS = 900
_COPY_SECONDS = 600
#: Where the hooks are in the image while it is made, as in diskimage-builder.
_HOOKS = "tmp/in_target.d"


@dataclasses.dataclass(frozen=True)
class Plan:
    """What a root is made of."""

    suite: str
    mirror: str
    #: Of security updates; none when empty.
    security: str
    elements: tuple[pathlib.Path, ...]
    #: Packages beyond those of the elements.
    more: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        if not re.fullmatch(r"[a-z][a-z-]*", self.suite):
            raise running.Failure(f"{self.suite!r} is no release of Debian.")
        for url in (self.mirror, self.security):
            if url and not re.fullmatch(r"https?://[^\s'\"]+", url):
                raise running.Failure(f"{url!r} is no URL of a mirror.")

    @property
    def packages(self) -> tuple[str, ...]:
        """All packages."""
        distribution = elements.Distribution("debian", "debian", self.suite)
        return (*elements.packages(self.elements, distribution), *self.more)

    @property
    def system(self) -> str:
        """Equal for plans that begin with the same system."""
        return _key(self.suite, self.mirror, self.security, _SYSTEM)

    @property
    def whole(self) -> str:
        """Equal for plans whose packages are equal too."""
        return _key(self.system, self.packages)


def _key(*parts: object) -> str:
    return hashlib.sha256(json.dumps(parts).encode()).hexdigest()[:24]


@dataclasses.dataclass(frozen=True)
class Cache:
    """Roots as archives in a directory, each good for ``age`` seconds."""

    directory: pathlib.Path
    age: float

    def load(self, key: str, root: pathlib.Path, log: running.Log) -> bool:
        """Make ``root`` what was kept; whether there was anything."""
        kept = self._path(key)
        if not kept.is_file() or time.time() - kept.stat().st_mtime >= self.age:
            return False
        root.mkdir()
        log.run([*_TAR, "-xpf", kept, "-C", root], seconds=_COPY_SECONDS)
        return True

    def keep(self, key: str, root: pathlib.Path, log: running.Log) -> None:
        """Keep ``root`` as it is."""
        descriptor, name = tempfile.mkstemp(dir=self.directory, prefix=".root-")
        os.close(descriptor)
        try:
            log.run([*_TAR, "-cf", name, "-C", root, "."], seconds=_COPY_SECONDS)
            os.replace(name, self._path(key))
        finally:
            pathlib.Path(name).unlink(missing_ok=True)

    def _path(self, key: str) -> pathlib.Path:
        return self.directory / f"root-{key}.tar"


_TAR = ("tar", "--numeric-owner", "--xattrs", "--xattrs-include=*", "--acls")


def packages(plan: Plan, root: pathlib.Path, cache: Cache, log: running.Log) -> bool:
    """Fill ``root`` with a distribution and its packages; whether all of it was at
    hand."""
    if cache.load(plan.whole, root, log):
        return True
    if not cache.load(plan.system, root, log):
        _bootstrap(plan, root, log)
        cache.keep(plan.system, root, log)
    with _Building(root):
        _apt(root, ["update"], log)
        _apt(root, ["install", "--", *plan.packages], log)
        _clean(root, log)
    cache.keep(plan.whole, root, log)
    return False


def _bootstrap(plan: Plan, root: pathlib.Path, log: running.Log) -> None:
    words = ["--variant=minbase", f"--include={','.join(_SYSTEM)}"]
    debootstrap = [*running.APART, "debootstrap", *words]
    log.run([*debootstrap, plan.suite, root, plan.mirror], seconds=_BOOTSTRAP_SECONDS)
    sources = [f"deb {plan.mirror} {plan.suite} main"]
    if plan.security:
        sources.append(f"deb {plan.mirror} {plan.suite}-updates main")
        sources.append(f"deb {plan.security} {plan.suite}-security main")
    _write(root / "etc/apt/sources.list", "\n".join(sources) + "\n")
    # Of documentation only the licences stay.
    keep = "path-exclude=/usr/share/doc/*\npath-include=/usr/share/doc/*/copyright\n"
    keep += "path-exclude=/usr/share/man/*\npath-exclude=/usr/share/locale/*\n"
    _write(root / "etc/dpkg/dpkg.cfg.d/sparkaas", keep)
    with _Building(root):
        _apt(root, ["update"], log)
        _apt(root, ["upgrade"], log)
        _clean(root, log)


def _apt(root: pathlib.Path, words: Sequence[str], log: running.Log) -> None:
    apt = ["apt-get", "-q", "-y", "--no-install-recommends"]
    quick = ["-o", "Dpkg::Options::=--force-unsafe-io"]
    within(root, [*apt, *quick, *words], log, seconds=_INSTALL_SECONDS)


def _clean(root: pathlib.Path, log: running.Log) -> None:
    _apt(root, ["clean"], log)
    for path in (root / "var/lib/apt/lists").iterdir():
        _remove(path)


def customise(
    plan: Plan, root: pathlib.Path, given: Mapping[str, str], log: running.Log
) -> None:
    """Run the scripts of all elements. ``given`` are the variables that they know."""
    hooks = root / _HOOKS
    hooks.mkdir(parents=True)
    known = {
        **given,
        "DISTRO_NAME": "debian",
        "DIB_RELEASE": plan.suite,
        "TMP_HOOKS_PATH": str(hooks),
    }
    try:
        with _Building(root):
            for phase in elements.PHASES:
                for script in elements.scripts(plan.elements, phase):
                    if phase == "extra-data.d":
                        log.run([script], seconds=_SCRIPT_SECONDS, environment=known)
                        continue
                    place = hooks / phase / script.name
                    place.parent.mkdir(exist_ok=True)
                    shutil.copyfile(script, place)
                    place.chmod(0o755)
                    inside = f"/{_HOOKS}/{phase}/{script.name}"
                    within(root, [inside], log, seconds=_SCRIPT_SECONDS, given=known)
    finally:
        _remove(hooks)


def within(
    root: pathlib.Path,
    argv: Sequence[str],
    log: running.Log,
    *,
    seconds: float,
    given: Mapping[str, str] | None = None,
    told: bytes = b"",
) -> None:
    """Run a command in the new root, with the input ``told`` and with a /proc that
    ends with the command."""
    apart = [*running.APART, "--kill-child", f"--mount-proc={root}/proc"]
    environment = {
        **(given or {}),
        "HOME": "/root",
        "DEBIAN_FRONTEND": "noninteractive",
    }
    log.run([*apart, "chroot", root, *argv], seconds=seconds, environment=environment)


class _Building:
    """While a root is worked on: names resolve in it, and no daemon starts."""

    def __init__(self, root: pathlib.Path) -> None:
        self._policy = root / "usr/sbin/policy-rc.d"
        self._resolver = root / "etc/resolv.conf"

    def __enter__(self) -> None:
        _write(self._policy, "#!/bin/sh\nexit 101\n", 0o755)
        _write(self._resolver, pathlib.Path("/etc/resolv.conf").read_text())

    def __exit__(self, *_: object) -> None:
        self._policy.unlink()
        # Refused at once until the DHCP client writes the real one.
        _write(self._resolver, "nameserver 127.0.0.1\n")


def _write(path: pathlib.Path, text: str, mode: int = 0o644) -> None:
    """Never through a link, which would lead to the host's file of that name."""
    path.unlink(missing_ok=True)
    path.write_text(text)
    path.chmod(mode)


def _remove(path: pathlib.Path) -> None:
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path)
    else:
        path.unlink()
