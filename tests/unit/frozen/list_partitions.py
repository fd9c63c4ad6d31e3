"""A side of test_partition_tables.py, on either interpreter: JSON of an image's partitions."""

import json
import sys

import gpt
import klog
from filedisk import FileDisk

disk = FileDisk(sys.argv[1], int(sys.argv[2]))
found = [[p.number, p.first, p.count, p.type, p.guid, p.label] for p in gpt.partitions(disk)]
print(json.dumps({"found": found, "check": gpt.check(disk), "log": [t for _, t in klog.lines]}))
