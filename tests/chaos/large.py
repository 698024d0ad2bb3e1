"""A Space with much to say."""

import spaceport as sp

space = sp.Space()


@space.api(concurrency_limit=None)
async def large(steps: int):
    for number in range(steps):
        yield f"{number} " + "x" * 500_000
