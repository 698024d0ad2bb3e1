"""Audio: as (sample rate, samples), or as a path."""

from __future__ import annotations

import io
import shutil
import subprocess
import tempfile
import wave
from pathlib import Path
from typing import Any, ClassVar

from spaceport.space.components.base import Component
from spaceport.space.context import current
from spaceport.space.encoder import Encoder, OpenStream
from spaceport.space.errors import ValueRejected
from spaceport.space.file_values import LocalFile, local, one_file
from spaceport.space.output_files import file_or_url, output_bytes
from spaceport.space.saver import Saver
from spaceport.wire.filedata import example_file, file_schema

_CONVERT_S = 120
_SECONDS = 3600 * 6


class Audio(Component):
    """`streaming=True`: what a generator yields is heard at once, one piece after the other (needs ffmpeg).

    `type`: "numpy" ((samples a second, int16 array: samples, or samples and channels)) or "filepath".

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
        streaming: bool = False,
        **props: Any,
    ) -> None:
        super().__init__(value, **props)
        if type not in ("numpy", "filepath"):
            raise ValueError("type is 'numpy' or 'filepath'.")
        self.type, self.format, self.streaming = type, format, streaming

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

    def describe(self) -> dict[str, Any]:
        return {"streaming": self.streaming}

    def to_wire(self, value: Any) -> Any:
        call = current.get()
        if self.streaming and call is not None and call.saver is not None and call.streams is not None:
            return self._stream(value, call.saver, call.streams)
        if value is None:
            return None
        if isinstance(value, bytes):
            return output_bytes(value, f"audio.{self.format}")
        if not isinstance(value, tuple):
            if not isinstance(value, str) and not hasattr(value, "__fspath__"):
                raise ValueRejected(f"An Audio shows (rate, samples), bytes or a path, not {type(value).__name__}.")
            return file_or_url(value)
        rate, samples = value
        data = _wav(int(rate), samples)
        return output_bytes(data if self.format == "wav" else _converted(data, self.format), f"audio.{self.format}")

    def _stream(self, value: Any, saver: Saver, streams: dict[int, OpenStream]) -> dict[str, Any] | None:
        """Add a piece to the stream, which begins with the first; returns its `FileData`."""
        known = streams.get(id(self))
        if value is None:
            return None if known is None else known.shown
        rate, samples = _piece(value, saver)
        channels = 1 if samples.ndim == 1 else samples.shape[1]
        if known is None:
            playlists = saver.files.playlists
            playlist = playlists.open(saver.owner, len(streams))
            encoder = Encoder(playlists, playlist, saver.caller, rate, channels)
            known = streams[id(self)] = OpenStream(encoder, saver.stream(playlist.place))
        if (rate, channels) != (known.encoder.rate, known.encoder.channels):
            raise ValueRejected(
                f"All pieces of a stream need the rate and channels of the first, {known.encoder.rate} Hz."
            )
        known.encoder.feed(samples)
        return known.shown


def _samples(file: LocalFile) -> Any:
    import numpy as np

    try:
        with wave.open(str(file.path)) as sound:
            rate, channels, width = sound.getframerate(), sound.getnchannels(), sound.getsampwidth()
            if sound.getnframes() > _SECONDS * max(rate, 1):
                raise ValueRejected(f"{file.name!r} is longer than {_SECONDS // 3600} hours.", "audio")
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
    """Convert another audio file to WAV with ffmpeg."""
    from tempfile import mkdtemp

    if file.path.name == "converted.wav":
        raise ValueRejected(f"{file.name!r} is not audio that can be read.", "audio")
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
    """Run ffmpeg on local files and pipes only, so that an uploaded playlist cannot make it fetch URLs."""
    if shutil.which("ffmpeg") is None:
        raise ValueRejected(
            f"{name!r} is not a WAV file: other formats need ffmpeg, which is not installed on this server.", "audio"
        )
    command = ["ffmpeg", "-nostdin", "-v", "error", "-y", "-protocol_whitelist", "file,pipe", *arguments]
    try:
        done = subprocess.run(command, capture_output=True, timeout=_CONVERT_S, check=False)  # noqa: S603  no shell
    except subprocess.TimeoutExpired:
        raise ValueRejected(f"{name!r} could not be converted within {_CONVERT_S} s.", "audio") from None
    if done.returncode != 0:
        raise ValueRejected(f"{name!r} is not audio that can be converted.", "audio")


def _piece(value: Any, saver: Saver) -> tuple[int, Any]:
    """A yielded piece as rate and 16 bit samples: from (rate, samples), a path or bytes. Floats range from -1 to 1."""
    import numpy as np

    if isinstance(value, tuple):
        rate, samples = value
        array = np.asarray(samples)
        return int(rate), _int16(array, 1.0 if array.dtype.kind == "f" else None)
    with tempfile.NamedTemporaryFile(prefix="spaceport-") as copy:
        if isinstance(value, bytes):
            copy.write(value)
        else:
            with saver.files.open_output(value) as file:
                shutil.copyfileobj(file, copy)
        copy.flush()
        found: tuple[int, Any] = _samples(LocalFile(Path(copy.name), "A piece of the stream"))
        return found


def _wav(rate: int, samples: Any) -> bytes:
    """A WAV file with 16 bit samples; floats are scaled to the loudest, as Gradio does."""
    import numpy as np

    array = np.asarray(samples)
    loudest = float(np.abs(array).max()) if array.dtype.kind == "f" and array.size else None
    array = _int16(array, loudest)
    target = io.BytesIO()
    with wave.open(target, "wb") as sound:
        sound.setnchannels(1 if array.ndim == 1 else array.shape[1])
        sound.setsampwidth(2)
        sound.setframerate(rate)
        sound.writeframes(array.astype("<i2").tobytes())
    return target.getvalue()


def _int16(array: Any, loudest: float | None) -> Any:
    """Convert samples of any width to 16 bits. `loudest`: the float that becomes the largest sample."""
    import numpy as np

    if array.dtype.kind == "f":
        array = np.clip(array / loudest, -1, 1) * 32767 if loudest else array
    elif array.dtype == np.int32:
        array = array / 65538
    elif array.dtype == np.uint16:
        array = array.astype(np.int32) - 32768
    elif array.dtype == np.uint8:
        array = array.astype(np.int32) * 257 - 32768
    elif array.dtype == np.int8:
        array = array.astype(np.int32) * 256
    return array.astype(np.int16)
