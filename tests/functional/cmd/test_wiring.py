# SPDX-License-Identifier: Apache-2.0
"""What is wired together once for all."""

from sparkaas.cmd import wiring
from sparkaas.testing import service


def test_an_installation_keeps_its_mark_and_no_other_has_it():
    with service.World() as one, service.World() as other:
        mark = wiring.installation(one.env.secrets)()
        assert len(mark) == 32
        assert wiring.installation(one.env.secrets)() == mark
        assert wiring.installation(other.env.secrets)() != mark
