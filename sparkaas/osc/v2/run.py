# SPDX-License-Identifier: Apache-2.0
"""``run``: from a file to its result, with the job's own exit code."""

from __future__ import annotations

import argparse
import pathlib
from collections.abc import Callable
from collections.abc import Sequence
from typing import Any

from sparkaas.client import clusters
from sparkaas.client import errors
from sparkaas.client import jobs
from sparkaas.client import launching
from sparkaas.client import uploads
from sparkaas.osc import base
from sparkaas.osc import console as console_module
from sparkaas.osc import following
from sparkaas.osc import passing
from sparkaas.osc.v2 import clusters as cluster_commands
from sparkaas.osc.v2 import job_binaries as binary_commands

#: What a job's setting may begin with.
SETTINGS = ("spark.", "edp.")


class Run(base.Command):
    """Run a program on a cluster, show its output, exit with its exit code.

    A .py file is PySpark, a .jar Spark, a .sql file Spark SQL, a .sh file a shell
    script beside Spark. Without --cluster it runs on the only cluster there is, or
    on a new one.
    """

    def get_parser(self, prog_name: str) -> argparse.ArgumentParser:
        parser = passing.PassThroughParser(
            description=self.get_description(),
            formatter_class=argparse.RawDescriptionHelpFormatter,
            usage=f"{prog_name} [options] FILE [-- ARG ...]",
            prog=prog_name,
            allow_abbrev=False,
        )
        parser.add_argument(
            "file", metavar="FILE", help="the program: .py, .jar, .sql or .sh"
        )
        parser.add_argument("--cluster", help="where to run, by name or id")
        parser.add_argument(
            "--conf",
            action="append",
            type=base.key_value,
            default=[],
            metavar="KEY=VALUE",
            help="a setting such as spark.executor.memory=1g (repeat)",
        )
        parser.add_argument(
            "--file",
            action="append",
            dest="files",
            default=[],
            metavar="FILE",
            help="a file that the program needs: .py and .zip can be imported, a .jar "
            "is on the class path, others lie beside it (repeat)",
        )
        parser.add_argument(
            "--class", dest="main_class", metavar="CLASS", help="a .jar's main class"
        )
        parser.add_argument("--name", help="what to call the job")
        making = parser.add_argument_group("for a new cluster")
        cluster_commands.add_making(making)
        making.add_argument(
            "--keep",
            action=argparse.BooleanOptionalAction,
            default=None,
            help="keep the new cluster afterwards (default) or delete it",
        )
        making.add_argument(
            "--timeout",
            type=base.whole_number,
            default=1800,
            metavar="SECONDS",
            help="how long the cluster may take to come up (default: 1800)",
        )
        return parser

    def take_action(self, parsed_args: argparse.Namespace) -> int:
        # All that can be wrong here is said before anything is made or sent.
        program = launching.program(parsed_args.file, parsed_args.main_class)
        files = [uploads.readable_file(path) for path in parsed_args.files]
        settings = _settings(parsed_args.conf)
        _check_making(parsed_args)
        console = self.console()
        self.client.transport.need_microversion("run")
        cluster, made = self._cluster(parsed_args, console)
        try:
            cluster = self._up(cluster, parsed_args.timeout, console)
            job = self._launch(parsed_args, program, files, settings, cluster, console)
            finished = following.Follower(self.client, job.id, console).run()
        except following.Detached as left:
            self._say_how_to_go_on(job.id, console)
            if made and parsed_args.keep is False:
                console.warn(f"Cluster {cluster.name} stays: the job runs on it.")
            return 0 if left.asked else jobs.INTERRUPTED
        except BaseException:
            self._clean_up(cluster, made, parsed_args, console)
            raise
        self._clean_up(cluster, made, parsed_args, console)
        return self._result(finished, console)

    def _cluster(
        self, parsed_args: argparse.Namespace, console: console_module.Console
    ) -> tuple[clusters.Cluster, bool]:
        """The cluster to run on, and whether this command made it."""
        if parsed_args.workers is None:
            chosen = launching.pick_cluster(self.client, parsed_args.cluster)
            if chosen is not None:
                console.say(f"Using cluster {chosen.name} ({chosen.status}).")
                return chosen, False
        name = launching.new_name()
        plan = cluster_commands.plan(self, parsed_args)
        console.say(f"Making cluster {name}: {plan}.")
        made = cluster_commands.make(self, parsed_args, name, plan.fields())
        return made, True

    def _up(
        self,
        cluster: clusters.Cluster,
        timeout: float,
        console: console_module.Console,
    ) -> clusters.Cluster:
        if cluster.status == "Active":
            return cluster
        with console.status(cluster_commands.describe(cluster), lines=True) as update:
            return self.client.wait_for_cluster(
                cluster.id, timeout, cluster_commands.report(update)
            )

    def _launch(
        self,
        parsed_args: argparse.Namespace,
        program: launching.Program,
        files: Sequence[pathlib.Path],
        settings: dict[str, str],
        cluster: clusters.Cluster,
        console: console_module.Console,
    ) -> jobs.Job:
        with console.status("uploading") as update:

            def on_file(path: pathlib.Path) -> Callable[[int, int], None]:
                return binary_commands.show_bytes(update, path.name)

            job = launching.launch(
                self.client,
                program,
                cluster.id,
                files=files,
                args=parsed_args.program_args,
                settings=settings,
                name=parsed_args.name,
                on_file=on_file,
            )
        console.say(f"Job {job.id} ({job.name}) is launched.")
        return job

    def _say_how_to_go_on(self, id: str, console: console_module.Console) -> None:
        console.warn(
            f"\nJob {id} goes on without you.\n"
            f"  follow it:  {self.program} job logs -f {id}\n"
            f"  cancel it:  {self.program} job cancel {id}"
        )

    def _clean_up(
        self,
        cluster: clusters.Cluster,
        made: bool,
        parsed_args: argparse.Namespace,
        console: console_module.Console,
    ) -> None:
        """Delete, or speak of, the cluster that this command made."""
        if not made:
            return
        if parsed_args.keep is False:
            console.say(f"Deleting cluster {cluster.name}.")
            self.client.clusters.delete(cluster.id)
        else:
            console.say(
                f"Cluster {cluster.name} is kept; delete it with: "
                f"{self.program} cluster delete {cluster.name}"
            )

    def _result(self, job: jobs.Job, console: console_module.Console) -> int:
        """Say why a job did not succeed, and return its exit code."""
        if job.status != "SUCCEEDED":
            console.warn(f"error: {job.told}")
        return job.exit_code


def _settings(pairs: Sequence[tuple[str, str]]) -> dict[str, str]:
    for key, _ in pairs:
        if not key.startswith(SETTINGS):
            raise errors.UsageError(
                f"{key!r} is not a setting of a job.",
                hint="Settings begin with spark. as in spark.executor.memory=1g.",
            )
    return dict(pairs)


def _check_making(parsed_args: argparse.Namespace) -> None:
    """--cluster names one that is there: nothing can be said of its making."""
    if parsed_args.cluster is None:
        return
    making: dict[str, Any] = {
        "--workers": parsed_args.workers,
        "--flavor": parsed_args.flavor,
        "--image": parsed_args.image,
        "--plugin": parsed_args.plugin,
        "--plugin-version": parsed_args.plugin_version,
        "--network": parsed_args.network,
        "--keypair": parsed_args.keypair,
        "--keep/--no-keep": parsed_args.keep,
    }
    given = [option for option, value in making.items() if value is not None]
    if given:
        raise errors.UsageError(
            f"{', '.join(given)} is for a new cluster and does not go with --cluster."
        )
