"""The inner loops as a library for Python: deviates by the hundred million, as the program draws them."""

import ctypes
import os
import subprocess
from pathlib import Path

import numpy as np

SOURCES = Path(__file__).resolve().parents[2] / "Sources/Kernels"
SUPERBLOCK = 64


class Kernels:
    def __init__(self, folder: Path):
        library = folder / "kernels.so"
        compiler = os.environ.get("CC", "clang")
        sources = [str(path) for path in sorted(SOURCES.glob("*.c"))]
        subprocess.run([compiler, "-O2", "-shared", "-fPIC", f"-I{SOURCES / 'include'}", "-o", str(library), *sources], check=True)
        self._normals = ctypes.CDLL(str(library)).fleetsynth_normals
        self._normals.argtypes = [ctypes.c_uint64, ctypes.c_uint64, ctypes.c_uint32, ctypes.c_int32, ctypes.c_int32, ctypes.c_void_p]
        self._normals.restype = None

    def normals(self, servers: range, superblocks: range, seed: int = 42, stream: int = 0x0123_4567_89AB_CDEF) -> np.ndarray:
        """Deviates of shape (servers, 64 * superblocks)."""
        out = np.empty((len(servers), len(superblocks) * SUPERBLOCK), np.float32)
        for row, server in enumerate(servers):
            self._normals(seed, stream, server, superblocks.start, len(superblocks), out[row].ctypes.data)
        return out
