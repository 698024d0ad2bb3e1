"""Audio: as (sample rate, samples), or as a path."""

from __future__ import annotations

import io
import shutil
import subprocess
import wave
from pathlib import Path
from typing import Any, ClassVar

from spaceport.space.components.base import Component, Refused
from spaceport.space.files import LocalFile, file_or_url, local, one_file, output_bytes
from spaceport.wire.filedata import example_file, file_schema

_CONVERT_S = 120
_SECONDS = 3600 * 6


class Audio(Component):
    """`type`: "numpy" ((samples a second, int16 array: samples, or samples and channels)) or "filepath".

    `format`: of the file for returned samples; others than "wav" need ffmpeg, as does reading other files than WAV.
    Needs numpy: the extra `media`.
    """

    files: ClassVar[bool] = True

    def __init__(
        self,
        value: Any = None,
        *,
        type: str = "numpy",  # noqa: A002  Gradio's name
        format: str = "wav",  # noqa: A002  Gradio's name
        **props: Any,
    ) -> None:
        super().__init__(value, **props)
        if type not in ("numpy", "filepath"):
            raise ValueError("type is 'numpy' or 'filepath'.")
        self.type, self.format = type, format

    @property
    def example(self) -> Any:
        return example_file("sample.wav")

    def schema(self) -> dict[str, Any]:
        return file_schema()

    def from_wire(self, value: Any) -> Any:
        return one_file(value, "An Audio")

    def load(self, value: Any) -> Any:
        if value is None:
            return None
        file = local(value)
        return str(file.path) if self.type == "filepath" else _samples(file)

    def to_wire(self, value: Any) -> Any:
        if value is None:
            return None
        if isinstance(value, bytes):
            return output_bytes(value, f"audio.{self.format}")
        if not isinstance(value, tuple):
            if not isinstance(value, str) and not hasattr(value, "__fspath__"):
                raise Refused(f"An Audio shows (rate, samples), bytes or a path, not {type(value).__name__}.")
            return file_or_url(value)
        rate, samples = value
        data = _wav(int(rate), samples)
        return output_bytes(data if self.format == "wav" else _converted(data, self.format), f"audio.{self.format}")


def _samples(file: LocalFile) -> Any:
    import numpy as np

    try:
        with wave.open(str(file.path)) as sound:
            rate, channels, width = sound.getframerate(), sound.getnchannels(), sound.getsampwidth()
            if sound.getnframes() > _SECONDS * max(rate, 1):
                raise Refused(f"{file.name!r} is longer than {_SECONDS // 3600} hours.", "audio")
            raw = sound.readframes(sound.getnframes())
    except (wave.Error, EOFError):
        return _samples(LocalFile(_readable(file), file.name))
    if width == 1:
        samples = (np.frombuffer(raw, np.uint8).astype(np.int16) - 128) << 8
    elif width == 3:
        parts = np.frombuffer(raw, np.uint8).reshape(-1, 3)
        samples = (parts[:, 2].astype(np.int8).astype(np.int16) << 8) | parts[:, 1]
    else:
        samples = np.frombuffer(raw, f"<i{width}")
    return rate, samples if channels == 1 else samples.reshape(-1, channels)


def _readable(file: LocalFile) -> Path:
    """A WAV file made of another, once."""
    from tempfile import mkdtemp

    if file.path.name == "converted.wav":
        raise Refused(f"{file.name!r} is not audio that can be read.", "audio")
    target = Path(mkdtemp(prefix="spaceport-")) / "converted.wav"
    _ffmpeg(["-i", str(file.path), "-c:a", "pcm_s16le", str(target)], file.name)
    return target


def _converted(data: bytes, kind: str) -> bytes:
    from tempfile import TemporaryDirectory

    with TemporaryDirectory(prefix="spaceport-") as folder:
        source, target = Path(folder) / "in.wav", Path(folder) / f"out.{kind}"
        source.write_bytes(data)
        _ffmpeg(["-i", str(source), str(target)], f"audio.{kind}")
        return target.read_bytes()


def _ffmpeg(arguments: list[str], name: str) -> None:
    """Only local files and pipes: a playlist in disguise must not fetch anything."""
    if shutil.which("ffmpeg") is None:
        raise Refused(f"{name!r}: only WAV can be used here, because ffmpeg is not installed.", "audio")
    command = ["ffmpeg", "-nostdin", "-v", "error", "-y", "-protocol_whitelist", "file,pipe", *arguments]
    try:
        done = subprocess.run(command, capture_output=True, timeout=_CONVERT_S, check=False)  # noqa: S603  no shell
    except subprocess.TimeoutExpired:
        raise Refused(f"{name!r} could not be converted within {_CONVERT_S} s.", "audio") from None
    if done.returncode != 0:
        raise Refused(f"{name!r} is not audio that can be converted.", "audio")


def _wav(rate: int, samples: Any) -> bytes:
    """16 bit WAV; floats and other widths are scaled to their loudest (as Gradio does)."""
    import numpy as np

    array = np.asarray(samples)
    if array.dtype.kind == "f":
        loudest = float(np.abs(array).max()) if array.size else 0.0
        array = array / loudest * 32767 if loudest else array
    elif array.dtype == np.int32:
        array = array / 65538
    elif array.dtype == np.uint16:
        array = array.astype(np.int32) - 32768
    elif array.dtype == np.uint8:
        array = array.astype(np.int32) * 257 - 32768
    elif array.dtype == np.int8:
        array = array.astype(np.int32) * 256
    target = io.BytesIO()
    with wave.open(target, "wb") as sound:
        sound.setnchannels(1 if array.ndim == 1 else array.shape[1])
        sound.setsampwidth(2)
        sound.setframerate(rate)
        sound.writeframes(array.astype("<i2").tobytes())
    return target.getvalue()
