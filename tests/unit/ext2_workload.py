"""Random operations on an ext2 volume and, the same, on a model in memory."""

import random

from ext2 import VfsExt2


class Model:
    """What the volume should contain: folders are dicts, files are File objects, shared by their
    hard links.
    """

    class File:
        def __init__(self, content=b""):
            self.content = bytearray(content)
            self.links = 1

    def __init__(self):
        self.root = {}

    def folders(self, at=None, path=""):
        at = self.root if at is None else at
        yield path, at
        for name, node in list(at.items()):
            if isinstance(node, dict):
                yield from self.folders(node, f"{path}/{name}")

    def snapshot(self):
        """{path: content, or None for a folder}"""
        out = {}
        for path, folder in self.folders():
            for name, node in folder.items():
                out[f"{path}/{name}"] = None if isinstance(node, dict) else bytes(node.content)
        return out


class Workload:
    """One seed's operations.  step() does one on both sides and says which paths it may have
    changed.
    """

    def __init__(self, disk, seed, small=False, **options):
        self.random = random.Random(seed)
        self.fs = VfsExt2(disk, **options)
        self.model = Model()
        self.small = small
        self.ops = 0

    def _folder(self):
        return self.random.choice(list(self.model.folders()))

    def _name(self):
        r = self.random
        return f"n{r.randrange(40)}" + "x" * r.choice((0, 0, 0, 3, 60, 200))

    def _any(self, folder):
        """A node of a kind somewhere: (path, folder's dict, name)."""
        found = [
            (f"{path}/{name}", nodes, name)
            for path, nodes in self.model.folders()
            for name, node in nodes.items()
            if isinstance(node, dict) == folder
        ]
        return self.random.choice(found) if found else None

    def _bytes(self):
        r = self.random
        most = 6000 if self.small else 60_000
        return r.randbytes(r.choice((0, 10, 100, 1024, 5000, r.randrange(most))))

    def step(self):
        """One operation; a list of the paths it changes."""
        self.ops += 1
        ops = ("create",) * 5 + ("append",) * 3 + ("overwrite", "truncate") * 2
        ops += ("rename",) * 4 + ("link", "unlink", "unlink", "unlink", "mkdir", "mkdir", "rmdir")
        if sum(len(nodes) for _, nodes in self.model.folders()) > 150:
            ops = ("unlink", "unlink", "rmdir", "truncate", "rename")
        return getattr(self, self.random.choice(ops))() or []

    def create(self):
        path, folder = self._folder()
        name = self._name()
        if isinstance(folder.get(name), dict):
            return None
        data = self._bytes()
        with self.fs.open(f"{path}/{name}", "wb") as file:
            file.write(data)
        if name in folder:
            folder[name].content = bytearray(data)
            return self._names_of(folder[name])
        folder[name] = Model.File(data)
        return [f"{path}/{name}"]

    def _names_of(self, node):
        return [
            f"{path}/{name}"
            for path, nodes in self.model.folders()
            for name, other in nodes.items()
            if other is node
        ]

    def append(self):
        found = self._any(False)
        if found:
            path, folder, name = found
            data = self._bytes()
            with self.fs.open(path, "ab") as file:
                file.write(data)
            folder[name].content += data
            return self._names_of(folder[name])

    def overwrite(self):
        found = self._any(False)
        if found:
            path, folder, name = found
            content = folder[name].content
            at = self.random.randrange(len(content) + 3000)
            data = self._bytes()
            with self.fs.open(path, "r+b") as file:
                file.seek(at)
                file.write(data)
            if data:
                content.extend(bytes(max(at - len(content), 0)))
                content[at : at + len(data)] = data
            return self._names_of(folder[name])

    def truncate(self):
        found = self._any(False)
        if found:
            path, folder, name = found
            content = folder[name].content
            size = self.random.randrange(len(content) + 3000)
            with self.fs.open(path, "r+b") as file:
                file.truncate(size)
            content.extend(bytes(max(size - len(content), 0)))
            del content[size:]
            return self._names_of(folder[name])

    def rename(self):
        found = self._any(self.random.random() < 0.2)
        if not found:
            return None
        path, folder, name = found
        to, target = self._folder()
        if to.count("/") > 4:
            to, target = "", self.model.root
        new = self._name()
        node, there = folder[name], target.get(new)
        if isinstance(node, dict) and (to + "/").startswith(path + "/"):
            return None
        if there is node or (
            there is not None and (isinstance(node, dict) or isinstance(there, dict))
        ):
            return None
        changed = [path, f"{to}/{new}"]
        if isinstance(node, dict):
            for below, nodes in self.model.folders(node):
                for n in nodes:
                    changed += [f"{path}{below}/{n}", f"{to}/{new}{below}/{n}"]
        if there is not None:
            there.links -= 1
        self.fs.rename(path, f"{to}/{new}")
        del folder[name]
        target[new] = node
        return changed

    def link(self):
        found = self._any(False)
        if found:
            path, folder, name = found
            to, target = self._folder()
            new = self._name()
            if new not in target:
                self.fs.link(path, f"{to}/{new}")
                target[new] = folder[name]
                folder[name].links += 1
                return [f"{to}/{new}"]

    def unlink(self):
        found = self._any(False)
        if found:
            path, folder, name = found
            self.fs.remove(path)
            del folder[name]
            return [path]

    def mkdir(self):
        path, folder = self._folder()
        name = self._name()
        if name not in folder and path.count("/") < 5:
            self.fs.mkdir(f"{path}/{name}")
            folder[name] = {}
            return [f"{path}/{name}"]

    def rmdir(self):
        found = self._any(True)
        if found and not found[1][found[2]]:
            self.fs.rmdir(found[0])
            del found[1][found[2]]
            return [found[0]]

    def compare(self):
        """Assert that the volume has what the model has."""
        assert listing(self.fs) == self.model.snapshot()


def listing(fs, path=""):
    """{path: content, or None for a folder} of a volume, lost+found left out."""
    out = {}
    for name, kind, _ in fs.ilistdir(path or "/"):
        inside = f"{path}/{name}"
        if inside == "/lost+found":
            continue
        if kind == 0x4000:
            out[inside] = None
            out.update(listing(fs, inside))
        else:
            with fs.open(inside, "rb") as file:
                out[inside] = file.read()
    return out
