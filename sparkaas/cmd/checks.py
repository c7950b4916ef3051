# SPDX-License-Identifier: Apache-2.0
"""What ``sparkaas-status`` looks at. Each check gives what it found wrong."""

from __future__ import annotations

import dataclasses
import stat
from collections.abc import Callable
from collections.abc import Iterator
from collections.abc import Sequence
from importlib import metadata

from keystoneauth1 import exceptions as keystone_exceptions
from keystoneauth1 import loading
from oslo_config import cfg

from sparkaas import conf as conf_
from sparkaas import exceptions
from sparkaas import policy
from sparkaas.cmd import state
from sparkaas.cmd import wiring
from sparkaas.conf import service
from sparkaas.db import migration
from sparkaas.db import session


@dataclasses.dataclass(frozen=True)
class Finding:
    """What is wrong, in a sentence; ``fatal``: the service does not start, or fails
    at its work, unless it is put right."""

    text: str
    fatal: bool = True


Check = Callable[[cfg.ConfigOpts], Sequence[Finding]]

_PREFIX = "data-processing:"


def _of(error: exceptions.SparkaasError) -> Finding:
    return Finding(f"{error.message} {error.hint}".strip())


def configuration(conf: cfg.ConfigOpts) -> Sequence[Finding]:
    """Options of ours that are old, or that there never were."""
    known, old = _our_options()
    found = []
    for file, group, name in _options_in_files(conf):
        new = old.get((group, name))
        if new is not None:
            text = f"{file}: [{group}] {name} is now [{new[0]}] {new[1]}."
            found.append(Finding(text, fatal=False))
        elif group in known and name not in known[group]:
            found.append(Finding(f"{file}: there is no [{group}] {name}.", fatal=False))
    return found


def _our_options() -> tuple[
    dict[str, set[str]], dict[tuple[str, str], tuple[str, str]]
]:
    """Our groups' options, and (group, name) of old -> of new. A group that a library
    adds options to does not count."""
    known: dict[str, set[str]] = {}
    old = {}
    for group, options in conf_.list_opts():
        known[group] = {option.dest for option in options}
        for option in options:
            for each in option.deprecated_opts:
                name = (each.name or option.name).replace("-", "_")
                old[each.group or group, name] = (group, option.name)
    # keystoneauth's, which depend on the plugin that auth_type names
    known.pop("openstack")
    return known, old


def _options_in_files(conf: cfg.ConfigOpts) -> Iterator[tuple[str, str, str]]:
    for file in conf.config_file or ():
        sections: dict[str, dict[str, object]] = {}
        cfg.ConfigParser(file, sections).parse()
        for group, values in sections.items():
            for name in values:
                yield file, group, name.replace("-", "_")


def schema(conf: cfg.ConfigOpts) -> Sequence[Finding]:
    """The revision is that of this release."""
    try:
        database = session.connect(conf)
        try:
            have, want = migration.version(database), migration.head()
        finally:
            database.dispose()
    except exceptions.SparkaasError as error:
        return [_of(error)]
    if have == want:
        return []
    return [
        Finding(
            f"The schema is at {have or 'nothing'}, this release needs {want}. "
            "Run: sparkaas-manage db sync"
        )
    ]


def secrets(conf: cfg.ConfigOpts) -> Sequence[Finding]:
    """The keys are there, for nobody else to read, and open everything stored."""
    path = service.state_path(conf)
    named = conf.secrets.key_file
    try:
        database = session.connect(conf)
    except exceptions.SparkaasError as error:
        return [_of(error)]
    try:
        kept = wiring.build_secrets(conf, database, make_key=False)
        found = [*_open_to_others(conf), *_unreadable(database, kept)]
    except exceptions.SparkaasError as error:
        return [_of(error)]
    finally:
        database.dispose()
    nowhere = not (conf.secrets["keys"] or named or (path / state.KEY).exists())
    if not found and nowhere and conf.secrets.backend == "database":
        text = "There is no key yet; the service makes one at its first start."
        found.append(Finding(text, fatal=False))
    return found


def _open_to_others(conf: cfg.ConfigOpts) -> Iterator[Finding]:
    file = state.key_file(service.state_path(conf), conf.secrets.key_file)
    if file.exists() and stat.S_IMODE(file.stat().st_mode) & 0o077:
        yield Finding(f"Others can read {file}: chmod 600 {file}", fatal=False)


def _unreadable(database: session.Database, kept: wiring.Secrets) -> Iterator[Finding]:
    if migration.version(database) is None:
        return
    failed: dict[str, int] = {}
    for reference in kept.references():
        try:
            kept.get(reference)
        except exceptions.NotFound:
            continue
        except exceptions.SparkaasError as error:
            text = f"{error.message} {error.hint}"
            failed[text] = failed.get(text, 0) + 1
    for text, count in failed.items():
        yield Finding(f"{count} of the stored secrets: {text}")


def policy_rules(conf: cfg.ConfigOpts) -> Sequence[Finding]:
    """The operator's policy file can be read, and every rule in it means something."""
    enforcer = policy.enforcer(conf)
    try:
        enforcer.load_rules()
    except Exception as error:  # oslo.policy's, a YAML parser's, the system's
        words = " ".join(str(error).split())
        return [Finding(f"The policy file cannot be read: {words}.")]
    unknown = sorted(
        name
        for name in set(enforcer.file_rules) - set(enforcer.registered_rules)
        # Others are helpers of an operator's own.
        if name.startswith(_PREFIX)
    )
    if not unknown:
        return []
    text = f"Rules that mean nothing to this release: {', '.join(unknown)}."
    return [Finding(text, fatal=False)]


def messages(conf: cfg.ConfigOpts) -> Sequence[Finding]:
    """Where processes are several, they have a broker."""
    try:
        transport = wiring.transport(conf)
    except exceptions.SparkaasError as error:
        return [_of(error)]
    transport.cleanup()
    session.register(conf)
    found = conf.get_location("transport_url")
    given = found is not None and found.location is not cfg.Locations.opt_default
    if given or conf.database.connection is None:
        return []
    return [
        Finding(
            "[DEFAULT] transport_url is not set: conductors look for work every "
            "[conductor] poll_interval seconds, and no notifications are sent.",
            fatal=False,
        )
    ]


def identity(conf: cfg.ConfigOpts) -> Sequence[Finding]:
    """The API's own user may look at tokens."""
    if conf.api.auth != "keystone":
        return []
    group = "keystone_authtoken"
    loading.register_auth_conf_options(conf, group)
    loading.register_session_conf_options(conf, group)
    try:
        auth = loading.load_auth_from_conf_options(conf, group)
        found = loading.load_session_from_conf_options(conf, group, auth=auth)
        found.get_token()
    except keystone_exceptions.ClientException as error:
        return [Finding(f"[{group}]: Keystone gives no token: {_words(error)}")]
    return []


def infrastructure(conf: cfg.ConfigOpts) -> Sequence[Finding]:
    """What the driver itself finds."""
    found = metadata.entry_points(
        group="sparkaas.diagnosis", name=conf.service.infrastructure
    )
    return [Finding(text) for each in found for text in each.load()(conf)]


def _words(error: Exception) -> str:
    return " ".join(str(error).split())[:500]
