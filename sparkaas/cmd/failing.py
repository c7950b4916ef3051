# SPDX-License-Identifier: Apache-2.0
"""How a program that cannot go on says so: one line on standard error with what it
is and what to do, the traceback in the log, exit code 1."""

from __future__ import annotations

import errno
import logging
import pathlib
import re
import sys
import traceback
from collections.abc import Callable

from oslo_config import cfg

from sparkaas import exceptions
from sparkaas.conf import service

#: How oslo.config writes where a value is from.
_PLACE = re.compile(r"LocationInfo\(location=.*?, detail='(.*?)'\)")

LOG = logging.getLogger(__name__)


def guard(prog: str, conf: cfg.ConfigOpts, run: Callable[[], int]) -> int:
    """The exit code of ``run``; that of whatever it raises is 1, after a line."""
    try:
        return run()
    except Exception as error:  # told and logged, whatever it is
        said = explained(error, service.state_path(conf))
        _log(error, said)
        print(line(prog, said), file=sys.stderr)
        return 1


def line(prog: str, error: exceptions.SparkaasError) -> str:
    """What and hint, in one line whatever they were made of."""
    return " ".join(f"{prog}: {error.message} {error.hint}".split())


def explained(error: Exception, path: pathlib.Path) -> exceptions.SparkaasError:
    """Anything that was raised in our words; ``path`` is the state directory."""
    if isinstance(error, exceptions.SparkaasError):
        return error
    if isinstance(error, cfg.Error):
        what = _PLACE.sub(r"\1", _sentence(error))
        return exceptions.Permanent(
            f"{what}.",
            hint="Correct the configuration: its file, an option of the command "
            "line, or a variable OS_GROUP__OPTION.",
        )
    if isinstance(error, OSError):
        return _of_the_system(error, path)
    return exceptions.Permanent(
        f"Something unforeseen stopped it: {type(error).__name__}: {_sentence(error)}.",
        hint=f"The log tells where: {_log_place()}.",
    )


def _of_the_system(error: OSError, path: pathlib.Path) -> exceptions.Permanent:
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        return exceptions.Permanent(
            f"The disk with {path} is full.",
            hint="Make room there, or choose another directory with "
            "--service-state_path.",
        )
    what = error.strerror or str(error)
    where = f" ({error.filename})" if error.filename else ""
    hint = (
        f"The service keeps its files in {path}; --service-state_path chooses "
        "another directory."
    )
    if _files():
        hint = f"{hint} The log tells where: {_log_place()}."
    return exceptions.Permanent(f"The system refuses: {what}{where}.", hint=hint)


def _sentence(error: Exception) -> str:
    """The first line of an error's text, without a full stop."""
    text = str(error).strip().partition("\n")[0]
    return text.rstrip(".") or "no further words"


def _files() -> list[str]:
    handlers = logging.getLogger().handlers
    return [
        handler.baseFilename
        for handler in handlers
        if isinstance(handler, logging.FileHandler)
    ]


def _log_place() -> str:
    return ", ".join(_files()) or "standard output"


def _log(error: Exception, said: exceptions.SparkaasError) -> None:
    # A refusal that was foreseen, and has no error below it, has no place of interest.
    plain = isinstance(error, exceptions.SparkaasError) and error.__cause__ is None
    # oslo.log's makeshift handler, which is there before the log is, has no formatter.
    if any(handler.formatter for handler in logging.getLogger().handlers):
        LOG.error("%s", said.message, exc_info=None if plain else error)
    elif not isinstance(error, exceptions.SparkaasError | OSError | cfg.Error):
        # There is no log yet, and nobody else knows where it happened.
        traceback.print_exception(error)
