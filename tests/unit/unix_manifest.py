"""What is frozen into the unix port for tests: nothing but asyncio."""

include("$(MPY_DIR)/extmod/asyncio")
