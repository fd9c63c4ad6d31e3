"""The parts of Parallels Desktop that a machine is made of; pyrallax.vm.parallels joins them."""
