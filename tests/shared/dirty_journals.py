"""Images of ext3 and ext4 whose journal is dirty, made by debugfs.  Blocks are of 1 KiB."""

import shutil

import e2fs

BLOCK = 1024


def transactions(image, path, commands):
    """Run debugfs' commands on the journal, and leave it dirty."""
    script = path / "script"
    script.write_text("\n".join([*commands, "jc", ""]))
    e2fs.run("debugfs", "-w", "-f", script, image)


def tree_in_journal(image, path, source, journal="jo"):
    """Put all that the Python files of a folder need, as /d, into the journal of an image: three
    transactions, and nothing outside of the journal.  journal: the command that opens it.
    """
    before = image.read_bytes()
    full = path / "full"
    shutil.copy(image, full)
    commands = ["mkdir d"] + [f"write {p} d/{p.name}" for p in sorted(source.glob("*.py"))]
    script = path / "make"
    script.write_text("\n".join([*commands, ""]))
    e2fs.run("debugfs", "-w", "-f", script, full)
    after = full.read_bytes()
    blocks = _changed(before, after)
    assert len(blocks) > 60
    jobs = [journal]
    for i, part in enumerate((blocks[:20], blocks[20:50], blocks[50:])):
        file = path / f"t{i}"
        file.write_bytes(b"".join(after[n * BLOCK : (n + 1) * BLOCK] for n in part))
        jobs.append(f"jw -b {','.join(map(str, part))} {file}")
    transactions(image, path, jobs)


def _changed(before, after):
    """Blocks that differ, the superblock left out."""
    return [
        i
        for i in range(2, len(before) // BLOCK)
        if before[i * BLOCK : (i + 1) * BLOCK] != after[i * BLOCK : (i + 1) * BLOCK]
    ]
