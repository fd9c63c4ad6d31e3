"""What tests of smp have on the target."""

SETUP = """
import smp, dma, rawmem, boot, gc, time, uctypes
def raised(f, *a, **k):
    try: f(*a, **k)
    except Exception as e: return type(e).__name__, getattr(e, 'errno', None)
def data(n): return bytes((i * 7 + i // 256) & 255 for i in range(n))
others = [i for i, mpidr, state, calls in smp.cpus() if state != 'boot']
"""
