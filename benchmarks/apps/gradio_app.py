"""The benchmark's endpoints as a Gradio app; run in an environment of its own."""

import asyncio
import sys
import time

import gradio as gr


async def echo(text: str) -> str:
    return text


async def tokens(n: int) -> str:
    started, text = time.monotonic(), ""
    for i in range(n):
        await asyncio.sleep(max(0.0, started + i / 100 - time.monotonic()))
        text += f"token{i} "
        yield text


async def burst(n: int) -> str:
    text = ""
    for i in range(n):
        await asyncio.sleep(0)
        text += f"{i % 10}"
        yield text


async def clock(n: int) -> str:
    for _ in range(n):
        await asyncio.sleep(0.02)
        yield f"{time.monotonic():.6f}"


async def large(n: int) -> str:
    return "x" * n


with gr.Blocks() as demo:
    for fn in (echo, tokens, burst, clock, large):
        gr.api(fn, concurrency_limit=None)

port = int(sys.argv[1]) if len(sys.argv) > 1 else None  # a hub says it in the environment
demo.queue(max_size=None).launch(server_name="127.0.0.1", server_port=port, quiet=True)
