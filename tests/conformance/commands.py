# SPDX-License-Identifier: Apache-2.0
"""Every ``openstack dataprocessing`` command; clusters and jobs have tables of their
own (``cluster_commands``, ``job_commands``)."""

from tests.conformance import cluster_commands
from tests.conformance import job_commands
from tests.conformance import rows
from tests.conformance.rows import Command
from tests.conformance.rows import Has

_LABELS = {"plugin_labels": {"hidden": {"status": False}}}

_PLUGINS = (
    Command(
        "plugin list",
        "--long",
        expect={"*.Name": ["fake"], "0.Versions": "0.1", "0.Title": "Fake Plugin"},
    ),
    Command(
        "plugin show",
        "fake",
        expect={"Name": "fake", "Versions": "0.1", "Plugin: enabled": ...},
    ),
    Command(
        "plugin show",
        "fake --plugin-version 0.1",
        more="a version",
        expect={
            "Required image tags": "0.1, fake",
            "HDFS": "datanode, namenode",
        },
    ),
    Command(
        "plugin configs get",
        "fake 0.1 --file out.json",
        says="configs was saved",
        writes={"out.json": {"configs.*.name": Has("dfs.replication")}},
    ),
    Command(
        "plugin update",
        "fake labels.json",
        files={"labels.json": _LABELS},
        expect={"Name": "fake"},
    ),
)

_IMAGES = (
    Command(
        "image list",
        "--long --tags fake 0.1 --username fake --name fake",
        expect={"*.Id": ["{image}"], "0.Tags": "0.1, fake", "0.Status": ...},
    ),
    Command(
        "image show",
        "fake-image",
        expect={"Id": "{image}", "Tags": "0.1, fake", "Description": ...},
    ),
    Command(
        "image register",
        "plain-image --username me --description Mine",
        expect={"Id": "{plain_image}", "Username": "me", "Description": "Mine"},
    ),
    Command("image unregister", "{registered[name]}", says="has been unregistered"),
    Command(
        "image tags add",
        "{tagged[image][name]} --tags c",
        expect={"Tags": "a, b, c", "Username": "ubuntu"},
    ),
    Command(
        "image tags remove",
        "{tagged[image][name]} --tags a",
        expect={"Tags": "b", "Username": "ubuntu"},
    ),
    Command(
        "image tags remove",
        "{tagged[image][name]} --all",
        more="all",
        expect={"Tags": "", "Username": "ubuntu"},
    ),
    Command(
        "image tags set",
        "{tagged[image][name]} --tags x y",
        expect={"Tags": "x, y", "Name": "plain-image"},
    ),
)

_DATA_SOURCES = (
    Command(
        "data source create",
        "{name} --type hdfs --url hdfs://h:1/in --description Mine "
        "--public --protected",
        expect={
            "Name": "{name}",
            "Type": "hdfs",
            "Url": "hdfs://h:1/in",
            "Is public": True,
            "Is protected": True,
        },
    ),
    Command(
        "data source create",
        "{name} --type swift --url swift://box/in --username me --password hidden",
        more="in Swift",
        expect={"Type": "swift"},
    ),
    Command(
        "data source create",
        "{name} --type s3 --url s3://box/in --access-key a --secret-key b "
        "--s3-endpoint s3.example --enable-s3-ssl --enable-s3-bucket-in-path",
        more="in S3",
        expect={"Type": "s3"},
    ),
    Command(
        "data source list",
        "--long --type hdfs",
        expect={"*.Id": Has("{data_source[id]}"), "0.Type": "hdfs"},
    ),
    Command(
        "data source show",
        "{data_source[name]}",
        expect={"Id": "{data_source[id]}", "Url": "hdfs://h:1/in"},
    ),
    Command(
        "data source update",
        "{data_source[name]} --name {name} --url hdfs://h:1/other --description Other "
        "--public --unprotected",
        expect={"Name": "{name}", "Url": "hdfs://h:1/other", "Is public": True},
    ),
    Command(
        "data source delete",
        "{data_source[name]}",
        says="has been removed successfully",
        then=("/data-sources/{data_source[id]}", None),
    ),
)

COMMANDS: tuple[rows.Command, ...] = (
    *cluster_commands.COMMANDS,
    *_PLUGINS,
    *_IMAGES,
    *_DATA_SOURCES,
    *job_commands.COMMANDS,
)
