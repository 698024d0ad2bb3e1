"""Fail where the code defines a name that the glossary has a better word for (docs/internals/glossary.md)."""

from __future__ import annotations

import ast
import re
import sys
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).parent.parent
BETTER = {
    "Lane": "SpaceQueue",
    "Lanes": "SpaceQueues",
    "lane": "queue",
    "lanes": "queues",
    "Line": "FairQueue or ReplicaHttp",
    "Asked": "PendingResponse",
    "whole": "read_body",
    "Place": "ReplicaRecord or SnippetTarget",
    "Live": "RunningReplica",
    "Running": "SpaceRuntime or CallContext",
    "Trip": "Dispatch",
    "_There": "ReplicaClient",
    "Hearts": "SessionHeartbeats",
    "seat": "choose_replica",
    "_seat": "choose_replica",
    "ahead": "prefetch",
    "moved": "redispatch or on_replicas_changed",
    "arrived": "on_first_ready",
    "Again": "Retryable",
    "again": "resubmit",
    "_again": "_requeue",
    "Answer": "CachedResult or HttpResponse",
    "Wanted": "JobFilter",
    "Resting": "RetryTimers",
    "Tally": "CallerCounter",
    "Recent": "FinishedJobs",
    "intake": "admission",
    "check_room": "check_capacity",
    "NewJob": "JobRequest",
    "passed": "record_start",
    "passed_on": "unbuffered_send",
    "Meter": "JobObserver",
    "Meters": "JobObservers",
    "Reading": "Gauge",
    "Surface": "AppContext",
    "surface": "context",
    "x": "request",
    "Exchange": "HttpExchange or LinkResponse",
    "Facts": "RequestInfo",
    "one_more": "acquire",
    "owe": "queue_for_delivery",
    "owed": "undelivered",
    "just_read": "recently_drained",
    "settle": "discard_if_idle",
    "unwatched": "schedule_abandon_check",
    "Known": "ContentIndex",
    "prove": "verify_possession",
    "Partials": "ResumableUploads",
    "Draft": "PendingFile",
    "Held": "PinnedFiles",
    "brought": "fetch_remote",
    "Wishes": "SpaceOptions",
    "wishes": "options",
    "Values": "SpaceVariables",
    "Visitors": "PayerTokens",
    "Layout": "SpacePaths",
    "_Visit": "ProxiedRequest",
    "filled": "pad_while_waiting",
    "_show": "_serve_static",
    "_within": "scope_cookie",
    "_remembers": "affinity_cookie",
    "_passes": "is_forwardable",
    "Crowds": "ProcessLimit",
    "look": "over_limit",
    "Windows": "RateLimiter",
    "_LOOK": "SCAN_LIMIT",
    "_LOOK_S": "POLL_INTERVAL_S",
    "_MOST": "a name for what is bounded",
    "Kept": "SerializedCall",
    "Saved": "JournaledCall",
    "Refused": "ValueRejected",
    "let_go": "close",
    "begin": "start",
    "end": "stop",
    "rest": "stop",
    "named": "get_account, get_endpoint or link_as",
    "seen": "get_readable",
    "written": "get_writable",
}
"""Names of classes, functions, methods, parameters and attributes that are not to come back."""
BETTER_JS = {
    "Way": "CallTransport",
    "Made": "LazyFile",
    "made": "resolveFiles",
    "Listed": "SpaceSummary",
    "turn": "toggleTheme",
    "nice": "humanize",
    "here": "localOnly",
}
METHODS_ONLY = frozenset(
    [
        "begin",
        "end",
        "rest",
        "look",
        "again",
        "moved",
        "seen",
        "written",
        "named",
        "passed",
        "filled",
        "made",
        "arrived",
        "whole",
    ]
)
"""Ordinary words: they may name a value, not a function."""
PHRASES = re.compile(r"\blanes?\b|\bsent ahead\b|\blet go\b", re.I)


def _names(tree: ast.AST) -> Iterator[tuple[int, str, bool]]:
    """Line, name, and whether it names a function, of all that a module defines."""
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield node.lineno, node.name, True
            arguments = node.args
            for argument in (*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs):
                yield argument.lineno, argument.arg, False
        elif isinstance(node, ast.ClassDef):
            yield node.lineno, node.name, False
        elif isinstance(node, ast.Attribute) and isinstance(node.ctx, ast.Store):
            yield node.lineno, node.attr, False
        elif isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            yield node.lineno, node.id, False


def _python(path: Path) -> Iterator[str]:
    text = path.read_text()
    for number, name, is_function in _names(ast.parse(text)):
        if name == "x" and "api" not in path.parts and "hub" not in path.parts:  # an axis
            continue
        if name in BETTER and (is_function or name not in METHODS_ONLY):
            yield f"{path.relative_to(ROOT)}:{number}: {name}: say {BETTER[name]}"
    yield from _phrases(path, text)


def _typescript(path: Path) -> Iterator[str]:
    text = path.read_text()
    for found in re.finditer(r"\b(?:function|class|interface|type|const|let)\s+(\w+)", text):
        if found[1] in BETTER_JS:
            number = text.count("\n", 0, found.start()) + 1
            yield f"{path.relative_to(ROOT)}:{number}: {found[1]}: say {BETTER_JS[found[1]]}"
    yield from _phrases(path, text)


def _phrases(path: Path, text: str) -> Iterator[str]:
    for number, line in enumerate(text.splitlines(), 1):
        for found in PHRASES.finditer(line):
            yield f"{path.relative_to(ROOT)}:{number}: «{found[0]}»: see docs/internals/glossary.md"


def main() -> None:
    wrong = [fault for path in sorted((ROOT / "src").rglob("*.py")) for fault in _python(path)]
    for folder in ("client", "web"):
        for path in sorted((ROOT / "js" / folder / "src").rglob("*.ts*")):
            wrong += _typescript(path)
    for fault in wrong:
        print(fault)
    if wrong:
        sys.exit(f"{len(wrong)} names or phrases have a better word.")
    print("words are right")


if __name__ == "__main__":
    main()
