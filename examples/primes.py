"""A long computation with progress, which can be cancelled: counts primes and factors numbers."""

from __future__ import annotations

import dataclasses
from typing import Annotated

import spaceport as sp

space = sp.Space(title="Primes", description="Counts primes and factors numbers, with progress.")
_BLOCK = 1 << 18


@dataclasses.dataclass
class Factor:
    prime: int
    power: int


@dataclasses.dataclass
class Factors:
    number: int
    factors: list[Factor]
    is_prime: bool


@space.api(time_limit=300, on_disconnect="cancel")
def count_primes(below: Annotated[int, sp.Slider(10, 50_000_000)] = 1_000_000, progress=sp.Progress()) -> int:  # noqa: B008
    """Count the primes below a number with a segmented sieve of Eratosthenes."""
    limit = int(below)
    small = _sieve(int(limit**0.5) + 1)
    total = 0
    for start in progress.tqdm(range(0, limit, _BLOCK), desc="Sieving", unit="blocks"):
        if sp.cancelled():
            break
        stop = min(start + _BLOCK, limit)
        block = bytearray(b"\x01") * (stop - start)
        for prime in small:
            first = max(prime * prime, -(-start // prime) * prime)
            if first < stop:
                block[first - start :: prime] = bytes(len(range(first - start, stop - start, prime)))
        total += sum(block) - sum(block[: max(0, min(2, stop) - start)])
    return total


@space.api
def factor(number: Annotated[int, sp.Number(precision=0, minimum=2, maximum=10**12)]) -> Factors:
    """Factor a whole number up to 10^12 by trial division."""
    left, prime, found = number, 2, []
    while prime * prime <= left:
        power = 0
        while left % prime == 0:
            left //= prime
            power += 1
        if power:
            found.append(Factor(prime, power))
        prime += 1 if prime == 2 else 2
    if left > 1:
        found.append(Factor(left, 1))
    return Factors(number, found, found == [Factor(number, 1)])


def _sieve(limit: int) -> list[int]:
    flags = bytearray(b"\x01") * (limit + 1)
    flags[:2] = b"\x00\x00"
    for i in range(2, int(limit**0.5) + 1):
        if flags[i]:
            flags[i * i :: i] = bytes(len(range(i * i, limit + 1, i)))
    return [i for i, flag in enumerate(flags) if flag]


if __name__ == "__main__":
    space.launch()
