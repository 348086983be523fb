"""The other end of the pipe: keeps the rules, is given a platform's evidence, evaluates one rule when asked.

Runs in a bare interpreter, so it imports the standard library and the engine alone. Frames on standard input and
output: eight bytes of length, then JSON. A request that fails gets an answer with the fault; only a request that
takes too long, or too much memory, ends the process.
"""

from __future__ import annotations

import json
import re
import signal
import struct
import sys
from typing import Any, BinaryIO

import regorus

from verifier.rules.functions import Platform, RuleFault, Session, extend

HEADER = struct.Struct(">Q")
UNDEFINED = '"<undefined>"'
NO_SUCH_RULE = "not a valid rule path"


def serve(memory: int) -> None:
    """Answers requests until standard input ends."""
    _confine(memory)
    worker, source, sink = RuleWorker(), sys.stdin.buffer, sys.stdout.buffer
    while (frame := _frame(source)) is not None:
        request = json.loads(frame)
        if request["do"] == "load":
            answer: Any = worker.load(request)
        elif request["do"] == "platform":
            answer = worker.platform(request, _frame(source) or b"")
        else:
            answer = worker.rule(request["index"])
        body = json.dumps(answer, ensure_ascii=False).encode()
        sink.write(HEADER.pack(len(body)) + body)
        sink.flush()


def _frame(source: BinaryIO) -> bytes | None:
    header = source.read(HEADER.size)
    return source.read(HEADER.unpack(header)[0]) if len(header) == HEADER.size else None


def _confine(memory: int) -> None:
    """Bounds memory, writes no core file, and leaves Ctrl-C to the parent."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        import resource
    except ImportError:  # not a POSIX system: the wall clock still holds
        return
    for what, most in ((resource.RLIMIT_AS, memory), (resource.RLIMIT_CORE, 0), (resource.RLIMIT_FSIZE, 0)):
        _, hard = resource.getrlimit(what)
        bound = most if hard == resource.RLIM_INFINITY else min(most, hard)
        resource.setrlimit(what, (bound, bound))


class RuleWorker:
    """The rules, and an engine that holds the evidence of one platform and is copied for each rule."""

    def __init__(self) -> None:
        self.modules: list[dict[str, Any]] = []
        self.limits: dict[str, Any] = {}
        self.session = Session()
        self.base = regorus.Engine()

    def load(self, request: dict[str, Any]) -> list[str]:
        """Takes the rules and compiles each once; returns the faults, with file and line."""
        self.modules, self.limits = request["modules"], request["limits"]
        self.session.now = request["now"]
        return [fault for module in self.modules if (fault := _compile_fault(module))]

    def platform(self, request: dict[str, Any], document: bytes) -> str:
        """Takes a platform's evidence; returns what is wrong with it, or ""."""
        text = document.decode()
        self.session.platform = Platform(request, text)
        self.base = regorus.Engine()
        try:
            self.base.add_data_json(text)
            self.base.set_input_json(json.dumps(request["input"]))
        except RuntimeError as fault:
            return _plain(fault)
        self.base.set_gather_prints(True)
        extend(self.base, self.session)
        return ""

    def rule(self, index: int) -> dict[str, Any]:
        """Evaluates one rule. Dies by SIGALRM where the parent is no longer there to kill a rule without an end."""
        self.session.begin()
        answer: dict[str, Any] = {}
        _alarm(self.limits["seconds"] * 4)
        try:
            self._evaluate(self.modules[index], answer)
        except RuleFault as fault:
            answer["fault"] = str(fault)[: self.limits["text"]]
        except Exception as fault:  # noqa: BLE001 - whatever goes wrong in a rule is that rule's answer
            answer["fault"] = (self.session.fault or _plain(fault))[: self.limits["text"]]
        _alarm(0)
        return answer | {"asked": list(self.session.asked), "read": list(self.session.read)}

    def _evaluate(self, module: dict[str, Any], answer: dict[str, Any]) -> None:
        engine = self.base.clone()
        try:
            engine.add_policy(module["path"], module["source"])
            engine.add_data_json(json.dumps({"config": module["config"]}))
            answer["applicable"] = self._value(engine, "applicable")
            if answer["applicable"] not in ("", "true"):
                return
            answer["violations"], answer["uncounted"] = self._violations(engine)
            answer["decision"] = self._value(engine, "pass")
            answer["note"] = self._text(engine, "note") if answer["decision"] == "true" else ""
        finally:
            prints = engine.take_prints()[: self.limits["prints"]]
            answer["prints"] = [line[: self.limits["text"]] for line in prints]

    def _value(self, engine: regorus.Engine, name: str) -> str:
        """The value of a rule as JSON text; "" when the file has no such rule."""
        try:
            text: str = engine.eval_rule_as_json(f"data.docker.scout.{name}")
        except RuntimeError as fault:
            if _plain(fault) == NO_SUCH_RULE:
                return ""
            raise
        if len(text) > self.limits["output"] // 8:
            raise RuleFault(f"`{name}` has more than {self.limits['output'] // 8} characters")
        return "undefined" if text == UNDEFINED else text

    def _text(self, engine: regorus.Engine, name: str) -> str:
        text = self._value(engine, name)
        return json.loads(text)[: self.limits["text"]] if text.startswith('"') else ""

    def _violations(self, engine: regorus.Engine) -> tuple[Any, int]:
        text = self._value(engine, "violation")
        if text in ("", "undefined"):
            return [], 0
        found = json.loads(text)
        if not isinstance(found, list):
            return found, 0
        most = self.limits["violations"]
        return found[:most], max(0, len(found) - most)


def _compile_fault(module: dict[str, Any]) -> str:
    engine = regorus.Engine()
    try:
        engine.add_policy(module["path"], module["source"])
        engine.eval_query_as_json("1")  # orders the rules, and so finds variables that nothing binds
    except RuntimeError as fault:
        return _plain(fault)
    except BaseException as fault:  # noqa: BLE001 - the engine's own panics are no Exception
        return f"{module['path']}: {fault}"
    return ""


def _plain(fault: BaseException) -> str:
    """The engine's message on one line, place first, without its stack trace and drawing."""
    text = str(fault).partition("Stack backtrace:")[0]
    place = re.search(r"^--> (.+:\d+:\d+)$", text, re.MULTILINE)
    message = text.partition("error: ")[2] or text
    words = " ".join(line for line in message.split("\n") if not re.match(r"\s*(-->|\d*\s*\|)", line)).split()
    return f"{place[1]}: {' '.join(words)}" if place else " ".join(words)


def _alarm(seconds: float) -> None:
    """SIGALRM is left at its default, which the kernel carries out also while the engine holds the interpreter."""
    if hasattr(signal, "setitimer"):
        signal.setitimer(signal.ITIMER_REAL, seconds)
