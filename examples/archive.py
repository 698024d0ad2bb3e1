"""Packs files into a zip archive and unpacks archives, with checks against malicious ones."""

from __future__ import annotations

import tempfile
import zipfile
from pathlib import Path, PurePosixPath

import spaceport as sp

space = sp.Space(title="Archive", description="Packs files into a zip archive, and unpacks one.")

_FILES = 500
_BYTES = 200 << 20


@space.api
def pack(files: list[Path], name: str = "archive", progress: sp.Progress = sp.Progress()) -> Path:  # noqa: B008
    """Pack files into one zip archive. Files with the same name get a number."""
    target = Path(tempfile.mkdtemp()) / f"{PurePosixPath(name or 'archive').name}.zip"
    taken: set[str] = set()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        for file in progress.tqdm(files, desc="packing", unit="files"):
            inside, number = file.name, 2
            while inside in taken:
                inside, number = f"{file.stem} ({number}){file.suffix}", number + 1
            taken.add(inside)
            archive.write(file, inside)
    return target


@space.api
def unpack(archive: Path) -> list[Path]:
    """Unpack the files of a zip archive, without its folders."""
    folder = Path(tempfile.mkdtemp())
    try:
        with zipfile.ZipFile(archive) as opened:
            members = [member for member in opened.infolist() if not member.is_dir()]
            if len(members) > _FILES or sum(member.file_size for member in members) > _BYTES:
                raise sp.Error(f"The archive has more than {_FILES} files or {_BYTES >> 20} MB.")
            found = []
            for number, member in enumerate(members):
                target = folder / str(number) / (PurePosixPath(member.filename.replace("\\", "/")).name or "file")
                target.parent.mkdir()
                with opened.open(member) as source, target.open("wb") as sink:
                    left = member.file_size  # the size that the archive declares; a zip bomb has more
                    while chunk := source.read(min(1 << 20, left + 1)):
                        left -= len(chunk)
                        if left < 0:
                            raise sp.Error(f"{member.filename[:100]!r} is larger than the archive says.")
                        sink.write(chunk)
                found.append(target)
    except zipfile.BadZipFile as error:
        raise sp.Error(f"This is not a zip archive, or a damaged one: {error}") from None
    return found


if __name__ == "__main__":
    space.launch()
