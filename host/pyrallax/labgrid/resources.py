"""A machine that somebody serves (vm.serve), as labgrid's resources."""

import attr
from labgrid.factory import target_factory
from labgrid.resource import NetworkSerialPort, Resource

from ..vm.open import KINDS


@target_factory.reg_resource
@attr.s(eq=False)
class PyrallaxMachine(Resource):
    """For an exporter's configuration: it serves such a machine while somebody has acquired it.

    Args:
        kind (str): as `pyrallax run --machine` has it
        options (dict): fields of pyrallax.vm.config.Config, or .vm.prl.make.Parallels
    """

    kind = attr.ib(validator=attr.validators.in_(KINDS))
    options = attr.ib(factory=dict, validator=attr.validators.instance_of(dict))


@target_factory.reg_resource
@attr.s(eq=False)
class NetworkPyrallaxMachine(NetworkSerialPort):
    """What a client gets of it; a serial port, too, so that labgrid's own tools take it.

    Args:
        kind (str): as above
        control (int): TCP port of its buttons
    """

    kind = attr.ib(default="", validator=attr.validators.instance_of(str))
    control = attr.ib(default=None)
