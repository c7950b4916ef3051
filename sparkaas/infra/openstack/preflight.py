# SPDX-License-Identifier: Apache-2.0
"""Would the cloud take the cluster? Asked before anything is made or stored."""

from __future__ import annotations

import functools
from collections.abc import Iterable
from collections.abc import Iterator
from collections.abc import Mapping

from sparkaas import exceptions
from sparkaas import interfaces
from sparkaas import model
from sparkaas.infra.openstack import catalog
from sparkaas.infra.openstack import errors
from sparkaas.infra.openstack import quotas
from sparkaas.infra.openstack import resources
from sparkaas.infra.openstack import sessions
from sparkaas.infra.openstack import shares

_BYTES = 1 << 30


def check(
    clouds: sessions.Sessions,
    caller: interfaces.Caller,
    cluster: model.Cluster,
    site: resources.Site,
) -> None:
    """Raise ``exceptions.InvalidRequest`` or a subclass for what cannot be had."""
    cloud = clouds.of_caller(caller)
    groups = quotas.growing(cluster)
    _check_services(cloud, cluster)
    if cluster.instances:
        # Of a new cluster the request's own names have just been looked up.
        _check_names(catalog.OpenStackCatalog(clouds, caller), cluster, groups)
    check_images(cloud, cluster, groups, site)
    quotas.check(cloud, cluster, site)
    quotas.check_pools(clouds.service, cluster)


def check_possible(cluster: model.Cluster) -> None:
    """Raise ``exceptions.InvalidRequest`` for what no cloud has. Pure."""
    for group in cluster.node_groups:
        if group.boot_from_volume and group.boot_volume_local_to_instance:
            raise exceptions.InvalidRequest(
                f"{group.name}: a volume that a server boots from is there before the "
                "server is anywhere, so it cannot be local to it.",
                code="NOT_OFFERED",
                hint="Leave boot_volume_local_to_instance out. A volume type of a "
                "local backend, and the server's availability zone, come close.",
            )


def services(cluster: model.Cluster) -> Iterator[tuple[str, str, str]]:
    """The services beyond the usual ones that a cluster needs: type, name, and the
    field that needs it. Pure."""
    if any(g.volumes_per_node or g.boot_from_volume for g in cluster.node_groups):
        yield "block-storage", "Cinder", "volumes"
    if cluster.domain_name:
        yield "dns", "Designate", "domain_name"
    if any(shares.wanted(cluster, group) for group in cluster.node_groups):
        yield "shared-file-system", "Manila", "shares"


def _check_services(cloud: sessions.Cloud, cluster: model.Cluster) -> None:
    for kind, name, field in services(cluster):
        with errors.explained("Looking into the cloud's catalog"):
            found = cloud.sdk.endpoint_for(kind)
        if found is None:
            raise exceptions.InvalidRequest(
                f"This cloud has no {kind} service ({name}), which {field} needs.",
                code="NOT_OFFERED",
                hint=f"Leave {field} out of the cluster and its templates.",
            )
    if cluster.domain_name:
        zone = f"{cluster.domain_name.rstrip('.')}."
        with errors.explained(f"Looking for the zone {zone}"):
            known = cloud.sdk.dns.find_zone(zone)
        if known is None:
            raise exceptions.InvalidReference(f"There is no DNS zone {zone}.")
    shares.check(cloud, cluster)


def _check_names(
    offered: catalog.OpenStackCatalog,
    cluster: model.Cluster,
    groups: Mapping[str, model.NodeGroup],
) -> None:
    """What an older request named may be gone since."""
    asked = {("network", cluster.neutron_management_network)}
    for group in _distinct(groups):
        offered.flavor(group.flavor_id)
        asked |= {
            ("availability_zone", group.availability_zone),
            ("volume_availability_zone", group.volumes_availability_zone),
            ("volume_type", group.volume_type),
            ("volume_availability_zone", group.boot_volume_availability_zone),
            ("volume_type", group.boot_volume_type),
            ("floating_ip_pool", group.floating_ip_pool),
            *(("security_group", each) for each in group.security_groups or ()),
        }
    for kind, name in sorted((kind, name) for kind, name in asked if name):
        offered.require(kind, name)


def check_images(
    cloud: sessions.Cloud,
    cluster: model.Cluster,
    groups: Mapping[str, model.NodeGroup],
    site: resources.Site,
) -> None:
    """Raise ``exceptions.InvalidRequest`` or a subclass for an image that is none, or
    does not fit the flavor of its nodes."""
    image = functools.cache(functools.partial(_image, cloud))
    for group in _distinct(groups):
        check_fits(
            group, site, *image(group.image_id or cluster.default_image_id or "")
        )


def _image(cloud: sessions.Cloud, image_id: str) -> tuple[int, int]:
    """The GB of disk and the MB of memory that an image needs."""
    with errors.explained("Looking for an image"):
        try:
            image = cloud.sdk.image.get_image(image_id)
        except errors.ABSENT as error:
            raise exceptions.InvalidReference(
                f"There is no image {image_id}."
            ) from error
    if (image.status or "").lower() != "active":
        raise exceptions.InvalidReference(
            f"Image {image_id} is not active but {image.status}."
        )
    size = max(image.size or 0, getattr(image, "virtual_size", None) or 0)
    return max(image.min_disk or 0, -(-size // _BYTES)), image.min_ram or 0


def _distinct(groups: Mapping[str, model.NodeGroup]) -> Iterable[model.NodeGroup]:
    """Each group once, of which many instances may be."""
    return {group.name: group for group in groups.values()}.values()


def check_fits(
    group: model.NodeGroup, site: resources.Site, disk_gb: int, ram_mb: int
) -> None:
    """Raise ``exceptions.InvalidRequest`` if an image that needs so much does not fit
    the group's flavor, or the volume that it is to boot from. Pure."""
    flavor = group.flavor
    if flavor is None:
        return
    room = flavor.disk_gb
    if group.boot_from_volume:
        room = resources.boot_volume_size(group, site)
    # A flavor without a disk takes the image's size.
    if room and disk_gb > room:
        raise exceptions.InvalidRequest(
            f"{group.name}: the image needs a disk of {disk_gb} GB, there are {room} "
            f"with the flavor {flavor.name}.",
            hint="Take a larger flavor or another image.",
        )
    if ram_mb > flavor.ram_mb:
        raise exceptions.InvalidRequest(
            f"{group.name}: the image needs {ram_mb} MB of memory, the flavor "
            f"{flavor.name} has {flavor.ram_mb}.",
            hint="Take a larger flavor or another image.",
        )
