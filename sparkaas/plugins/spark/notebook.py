# SPDX-License-Identifier: Apache-2.0
"""JupyterLab on a node, whose kernels use the cluster. Pure."""

from __future__ import annotations

import json
import pathlib
from collections.abc import Mapping

from sparkaas import manifest
from sparkaas import model
from sparkaas.edp import temporary
from sparkaas.plugins.spark import layout
from sparkaas.plugins.spark import options
from sparkaas.plugins.spark import settings

#: A Python environment with JupyterLab of that release, ipykernel and pyspark.
PACKAGE = manifest.Package("notebook", "4")

_CONF = f"{layout.CONF}/jupyter"
_PROPERTIES = f"{layout.CONF}/notebook.properties"
#: What users write; and what they find there.
_HOME = f"{layout.DATA}/notebooks"
_EXAMPLES = f"{_HOME}/examples"
#: What JupyterLab itself writes.
_STATE = f"{layout.DATA}/jupyter"

_EXAMPLE = pathlib.Path(__file__).with_name("example.ipynb")

#: JupyterLab keeps its users' settings beside its own.
DIRECTORIES = (_CONF, _HOME, _STATE)


def files(
    cluster: model.Cluster, group: model.NodeGroup, name: str
) -> tuple[manifest.File, ...]:
    """Its settings, the token among them; what kernels' sessions are given; and a
    notebook to begin with."""
    example = manifest.literal(_EXAMPLE.read_text(encoding="utf-8"))
    return (
        manifest.File(
            f"{_CONF}/jupyter_server_config.json",
            json.dumps(_configuration(cluster, name), indent=1),
            0o600,
        ),
        manifest.File(_PROPERTIES, settings.notebook(cluster, group), 0o600),
        manifest.File(f"{_EXAMPLES}/movies.ipynb", example),
    )


def service(
    cluster: model.Cluster, group: model.NodeGroup, name: str
) -> manifest.Service:
    """The server. Its kernels have its environment, by which pyspark finds the
    cluster: ``SparkSession.builder.getOrCreate()`` is one there."""
    port = options.number(options.NOTEBOOK_PORT, cluster)
    submit = f'--properties-file "{_PROPERTIES}" --load-spark-defaults pyspark-shell'
    return manifest.Service(
        name=layout.NOTEBOOK,
        argv=(f"{manifest.package(PACKAGE.name)}/bin/python3", "-m", "jupyterlab"),
        environment={
            **layout.environment(cluster, group, name),
            **temporary.submits(manifest.temporary(layout.NOTEBOOK)),
            "PYSPARK_PYTHON": "python3",
            "PYSPARK_SUBMIT_ARGS": submit,
            "PYTHONHASHSEED": "0",
            "JUPYTER_CONFIG_DIR": _CONF,
            "JUPYTER_DATA_DIR": f"{_STATE}/data",
            "JUPYTER_RUNTIME_DIR": f"{_STATE}/run",
        },
        directory=_HOME,
        probe=manifest.Probe(url=f"http://{manifest.address(name)}:{port}/api"),
        ports=(port,),
    )


def _configuration(
    cluster: model.Cluster, name: str
) -> Mapping[str, Mapping[str, object]]:
    return {
        "ServerApp": {
            "ip": manifest.address(name),
            "port": options.number(options.NOTEBOOK_PORT, cluster),
            "port_retries": 0,
            "root_dir": _HOME,
            "open_browser": False,
            # It runs as who runs Spark here, whoever that is.
            "allow_root": True,
        },
        "IdentityProvider": {"token": manifest.secret(layout.NOTEBOOK_TOKEN)},
        # What lies outside the cluster is nobody's to ask.
        "LabApp": {
            "news_url": None,
            "check_for_updates_class": "jupyterlab.NeverCheckForUpdate",
            "extension_manager": "readonly",
        },
    }
