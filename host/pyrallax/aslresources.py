"""ResourceTemplate () as iasl prints it -> the fields to be decoded (ACPI 6.5 §19.6)."""

from .asl import Call

_RANGE = ("granularity", "min", "max", "translation", "length")
_NAMED = {"GpioInt", "GpioIo", "VendorShort", "VendorLong", "PinFunction", "PinConfig", "PinGroup"}
_NAMED |= {"I2cSerialBusV2", "SpiSerialBusV2", "UartSerialBusV2", "EndDependentFn"}


def resources(template: Call) -> list[dict]:
    """A dict per descriptor, with the keys of the frozen module aml_resources."""
    found: list[dict] = []
    for call in template.body:
        if call.name.startswith("StartDependentFn"):
            found.append({"kind": "StartDependentFn"})
            found += resources(call)
        else:
            found.append(_descriptor(call))
    return found


def _words(call: Call) -> list:
    """Arguments, names as text."""
    return [getattr(a, "path", a) for a in call.args]


def _descriptor(call: Call) -> dict:
    words = _words(call)
    kind = {"IRQ": "IRQ", "IRQNoFlags": "IRQNoFlags"}.get(call.name, call.name)
    if kind in _NAMED:
        return {"kind": kind}
    if kind == "Memory32Fixed":
        return {"kind": kind, "write": _write(words[0]), "base": words[1], "length": words[2]}
    if kind in ("Memory32", "Memory24"):
        unit = 256 if kind == "Memory24" else 1
        align = words[3] or 0x10000 if kind == "Memory24" else words[3]
        found = {"kind": kind, "write": _write(words[0]), "min": words[1] * unit}
        return found | {"max": words[2] * unit, "align": align, "length": words[4] * unit}
    if kind in ("Interrupt", "IRQ"):
        return _interrupt(kind, words, call.body)
    if kind == "IRQNoFlags":
        return {"kind": kind, "interrupts": call.body, "trigger": "edge", "polarity": "high"}
    if kind == "IO":
        return {"kind": kind} | dict(
            zip(("min", "max", "align", "length"), words[1:5], strict=True)
        )
    if kind == "FixedIO":
        return {"kind": kind, "base": words[0], "length": words[1]}
    if kind == "DMA":
        return {"kind": kind, "channels": call.body}
    if kind == "FixedDMA":
        return {"kind": kind, "line": words[0], "channel": words[1]}
    if kind == "Register":
        return {"kind": kind, "bit_width": words[1], "bit_offset": words[2], "address": words[3]}
    return _space(kind, words)


def _write(word: str) -> bool:
    return word == "ReadWrite"


def _interrupt(kind: str, words: list, numbers: list) -> dict:
    consumer = [words.pop(0) == "ResourceConsumer"] if kind == "Interrupt" else []
    found = {
        "kind": kind,
        "trigger": words[0].lower(),
        "polarity": {"ActiveHigh": "high", "ActiveLow": "low"}[words[1]],
        "shared": words[2].startswith("Shared"),
        "wake": words[2].endswith("AndWake"),
        "interrupts": numbers,
    }
    if consumer:
        found["consumer"] = consumer[0]
    if len(words) > 4 and words[4]:
        found |= {"source_index": words[3], "source": words[4]}
    return found


def _space(kind: str, words: list) -> dict:
    numbers = [i for i, w in enumerate(words) if isinstance(w, int)][:5]
    flags = words[: numbers[0]]
    found = {
        "kind": kind,
        "consumer": "ResourceConsumer" in flags,
        "subtractive": "SubDecode" in flags,
        "min_fixed": "MinFixed" in flags,
        "max_fixed": "MaxFixed" in flags,
        "bits": {"W": 16, "D": 32, "Q": 64, "E": 64}[kind[0]],
    }
    found |= dict(zip(_RANGE, (words[i] for i in numbers), strict=True))
    if kind.endswith("Memory"):
        found |= {"type": 0, "write": "ReadWrite" in flags}
        found["caching"] = next(w for w in flags if w.endswith(("able", "Combining")))
        found["translated_io"] = "TypeTranslation" in words
    elif kind.endswith("IO"):
        found |= {"type": 1, "translated_memory": "TypeTranslation" in words}
        found["sparse"] = "SparseTranslation" in words
    else:
        found["type"] = 2
    rest = words[numbers[4] + 1 :]
    if kind.startswith("Extended"):
        found["attributes"] = rest[0]
    elif len(rest) > 1 and isinstance(rest[1], str) and rest[1]:
        found |= {"source_index": rest[0], "source": rest[1]}
    return found
