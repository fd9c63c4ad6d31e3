# Frozen into the image.  Paths are relative to this file; MPY_DIR is the MicroPython source.
include("$(MPY_DIR)/extmod/asyncio")
freeze("bus")
freeze("../build/frozen")  # made by the Makefile
freeze("blk")
freeze("usb")
freeze("system")
package("ext2", base_path="fs")
package("probe")
package("targettest", files=("__init__.py", "batch.py", "case.py", "run.py", "unity.py"))
freeze("targettest", "unittest.py")
