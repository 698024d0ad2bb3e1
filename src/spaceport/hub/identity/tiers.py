"""How much an account of each tier may use."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Tier:
    """`requests` of the hub's API in one window; `gpu_s` seconds of GPU a day; calls of a lower `priority` go first."""

    name: str
    requests: int
    gpu_s: float
    priority: int


WINDOW_S = 300.0
ANONYMOUS = Tier("anonymous", 500, 120.0, 2)
TIERS = {tier.name: tier for tier in (ANONYMOUS, Tier("free", 1000, 210.0, 1), Tier("pro", 2500, 1500.0, 0))}
