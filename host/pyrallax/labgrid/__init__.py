"""labgrid's drivers for our machines; `imports: [pyrallax.labgrid]` in an environment names them.

PyrallaxDriver, ParallelsDriver: power, console, keys, screen.  MicroPythonDriver: code, files and
registers by the prompt.  PyrallaxStrategy: off, prompt, shell.
"""

from . import machine as machine
from . import micropython as micropython
from . import strategy as strategy
