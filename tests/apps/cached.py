"""Cached endpoints, cached examples; batches and state with files. `calls` says how often a function ran."""

import time
from pathlib import Path

import spaceport as sp

space = sp.Space()
RUNS: dict[str, int] = {}


def ran(name):
    RUNS[name] = RUNS.get(name, 0) + 1


@space.api(queue=False)
def calls(name: str) -> int:
    return RUNS.get(name, 0)


@space.api
@sp.cache(max_size=2)
def shout(text: str) -> str:
    ran("shout")
    return text.upper()


@space.api
@sp.cache
def fails(text: str) -> str:
    ran("fails")
    raise sp.Error(text)


@space.api
@sp.cache
async def agen(text: str):
    ran("agen")
    for n in (1, 2, 3):
        yield text * n


@space.api(outputs=sp.File())
@sp.cache
def write(text: str):
    ran("write")
    path = Path("written.txt")
    path.write_text(text)
    return path


@space.api
@sp.cache
def length(file: Path) -> int:
    ran("length")
    return file.stat().st_size


@space.api
@sp.cache(key=lambda named: named["prompt"], per_session=True)
def keyed(prompt: str, seed: int = 0) -> str:
    ran("keyed")
    return f"{prompt} {seed}"


@space.api(batch=True, max_batch_size=4)
@sp.cache
def batched(text: list[str]) -> list[str]:
    ran("batched")
    return [one[::-1] for one in text]


@space.api
def blocker(seconds: float) -> str:
    time.sleep(seconds)
    return "done"


@space.api(
    inputs=[sp.Textbox(label="Text"), sp.Number(precision=0)], examples=[["abc", 2], ["x", 3]], cache_examples=True
)
def repeat(text, times):
    ran("repeat")
    return text * times


@space.api(
    inputs=[sp.File(file_count="single")],
    outputs=[sp.File()],
    examples=[Path(__file__).parent / "basic.py"],
    cache_examples=True,
)
def copy(file):
    ran("copy")
    target = Path("copied.txt")
    target.write_bytes(Path(file).read_bytes())
    return target


@space.api(batch=True, max_batch_size=4, concurrency_limit=1, inputs=[sp.File()], outputs=[sp.File()])
def backwards(files):
    ran("backwards")
    targets = []
    for number, file in enumerate(files):
        target = Path(f"back{number}.txt")
        target.write_text(Path(file).read_text()[::-1])
        targets.append(target)
    time.sleep(0.3)
    return targets


_kept = sp.State([])


@space.api(inputs=[sp.File(), _kept], outputs=[sp.File(file_count="multiple"), _kept])
def collect(file, kept):
    kept = [*kept, file]
    return kept, kept
