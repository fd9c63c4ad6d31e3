# Frozen into the image.  Paths are relative to this file; MPY_DIR is the MicroPython source.
include("$(MPY_DIR)/extmod/asyncio")
freeze("bus")
freeze("../build/frozen")  # made by the Makefile
freeze("blk")
freeze("system")
freeze("testing")
package("ext2", base_path="fs")
package("probe")
