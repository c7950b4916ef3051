# SPDX-License-Identifier: Apache-2.0
"""What every program does first: options from argv and files, then the log."""

from __future__ import annotations

import copy
import logging
import os
import sys
from collections.abc import Mapping
from collections.abc import Sequence

from oslo_config import cfg
from oslo_log import log

from sparkaas import conf as conf_
from sparkaas import exceptions
from sparkaas import version
from sparkaas.conf import api
from sparkaas.conf import service

PROJECT = "sparkaas"

#: (group, option) that argv can set too, as --GROUP-OPTION.
_CLI = ((service, "state_path"), (api, "host"), (api, "port"))

#: Chatty libraries: their requests and retries are not news to an operator.
_QUIET = (
    "alembic",
    "amqp",
    "oslo.messaging",
    "oslo_messaging",
    "paramiko",
    "stevedore",
    "urllib3",
)


def options(environ: Mapping[str, str] | None = None) -> cfg.ConfigOpts:
    """Every option of the service, nothing read yet.

    SPARKAAS_STATE of ``environ`` (the process's own unless given) is the default
    state directory, here as in the client.
    """
    environ = os.environ if environ is None else environ
    conf = cfg.ConfigOpts()
    log.register_options(conf)
    for module, name in _CLI:
        option = next(option for option in module.OPTS if option.name == name)
        conf.register_cli_opt(option, group=module.GROUP)
    conf_.register_opts(conf)
    if environ.get("SPARKAAS_STATE"):
        conf.set_default("state_path", environ["SPARKAAS_STATE"], service.GROUP)
    return conf


def load(
    conf: cfg.ConfigOpts, argv: Sequence[str], prog: str, description: str
) -> cfg.ConfigOpts:
    """``conf`` with its values for one run of program ``prog``.

    Read are, strongest first: argv, OS_GROUP__OPTION of the environment, the
    configuration files (``--config-file``, or sparkaas.conf where oslo.config looks
    for it), SPARKAAS_STATE. Exits with a message when argv or a file is wrong.
    """
    try:
        conf(
            list(argv),
            project=PROJECT,
            prog=prog,
            description=description,
            version=version.__version__,
        )
    except (cfg.Error, OSError, UnicodeError) as error:
        # A file that oslo.config finds but cannot read or decode raises the last two.
        sys.exit(f"{prog}: The configuration cannot be read: {error}")
    # From here on every reader sees the same absolute path.
    conf.set_override("state_path", str(service.state_path(conf)), service.GROUP)
    return conf


def start_log(conf: cfg.ConfigOpts, *, for_person: bool = False) -> None:
    """Send the log where the options say (standard output unless they do).

    Beside a log file a terminal gets it without tracebacks. ``for_person``: without
    a file there is no log unless --debug asks for it; errors are told otherwise.
    Raises ``exceptions.Permanent``.
    """
    levels = [*log.get_default_log_levels(), *(f"{name}=WARN" for name in _QUIET)]
    log.set_defaults(default_log_levels=levels)
    try:
        log.setup(conf, PROJECT, version.__version__)
    except (log.LogConfigError, OSError) as error:
        raise exceptions.Permanent(
            f"The log cannot be written: {error}.",
            hint="Check log_file, log_dir and log_config_append of [DEFAULT].",
        ) from error
    in_file = bool(conf.log_file or conf.log_dir)
    for handler in logging.getLogger().handlers:
        if type(handler) is not logging.StreamHandler:
            continue
        if for_person and not conf.debug:
            handler.setLevel(logging.CRITICAL)
        if in_file and handler.formatter is not None:
            handler.setFormatter(_Brief(handler.formatter))


class _Brief(logging.Formatter):
    """What ``inner`` writes, without tracebacks."""

    def __init__(self, inner: logging.Formatter) -> None:
        super().__init__()
        self._inner = inner

    def format(self, record: logging.LogRecord) -> str:
        brief = copy.copy(record)
        brief.exc_info = brief.exc_text = None
        return self._inner.format(brief)
