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

from verifier.rules import heads
from verifier.rules.builtin import extend
from verifier.rules.calls import VARIADIC, Calls
from verifier.rules.functions import Platform, RuleFault, Session, refusal

HEADER = struct.Struct(">Q")
UNDEFINED = '"<undefined>"'
NO_SUCH_RULE = "not a valid rule path"


def serve(memory: int) -> None:
    """Answers requests until standard input ends."""
    _confine(memory)
    worker, source, sink = RuleWorker(), sys.stdin.buffer, sys.stdout.buffer
    while (frame := _frame(source)) is not None:
        request = json.loads(frame)
        if request["do"] == "platform":
            answer: Any = worker.platform(request, _frame(source) or b"")
        else:
            answer = worker.answer(request)
        body = json.dumps(answer, ensure_ascii=False).encode("utf-8", "replace")
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
        self.tests: list[dict[str, Any]] = []
        self.limits: dict[str, Any] = {}
        self.coverage = False
        self.session = Session()
        self.base = regorus.Engine()

    def answer(self, request: dict[str, Any]) -> Any:
        """Does what is asked. Dies by SIGALRM where the parent is no longer there to kill a rule without an end."""
        self.limits = request.get("limits", self.limits)
        self.session.begin()
        _alarm(self.limits["loading" if request["do"] == "load" else "seconds"] * 4)
        try:
            if request["do"] == "load":
                return self.load(request)
            if request["do"] == "rule":
                return self.rule(self.modules[request["index"]])
            from verifier.rules import watching

            return watching.answer(self, request)
        finally:
            _alarm(0)

    def load(self, request: dict[str, Any]) -> list[str]:
        """Takes the rules and compiles each once; returns the faults, with file and line."""
        self.modules, self.tests = request["modules"], request["tests"]
        self.coverage, self.session.now = request["coverage"], request["now"]
        probe = self.engine()
        extend(probe, self.session)
        calls = Calls(probe)
        faults = [
            f"{file['path']}: holds a null character" for file in (*self.modules, *self.tests) if "\0" in file["source"]
        ]
        faults += [fault for module in self.modules if (fault := self._compile_fault(module, calls))]
        if self.tests and not faults:
            from verifier.rules.trials import test_faults

            return test_faults(self)
        return faults

    def engine(self) -> regorus.Engine:
        """An empty engine that takes files as large as ours may be."""
        engine = regorus.Engine()
        engine.set_policy_length_config(
            max_col=self.limits["columns"], max_file_bytes=self.limits["bytes"], max_lines=self.limits["lines"]
        )
        return engine

    def platform(self, request: dict[str, Any], document: bytes) -> str:
        """Takes a platform's evidence; returns what is wrong with it, or ""."""
        text = document.decode()
        self.session.platform = Platform(request, text)
        self.base = self.engine()
        try:
            self.base.add_data_json(text)
            self.base.set_input_json(json.dumps(request["input"]))
        except RuntimeError as fault:
            return plain(fault)
        self.base.set_gather_prints(True)
        extend(self.base, self.session)
        return ""

    def rule(self, module: dict[str, Any]) -> dict[str, Any]:
        """Evaluates one rule."""
        answer: dict[str, Any] = {}
        try:
            self._evaluate(module, answer)
        except Exception as fault:  # noqa: BLE001 - whatever goes wrong in a rule is that rule's answer
            answer["fault"] = self.told(fault)
        return answer | {"asked": list(self.session.asked), "read": list(self.session.read)}

    def _evaluate(self, module: dict[str, Any], answer: dict[str, Any]) -> None:
        engine = self.base.clone()
        engine.set_enable_coverage(self.coverage)
        try:
            self.add(engine, module)
            self.decide(engine, answer)
        finally:
            answer["prints"] = self.prints(engine)
            if self.coverage:
                answer["lines"] = reached(engine, module["path"])

    def add(self, engine: regorus.Engine, module: dict[str, Any]) -> None:
        """Gives one rule and its configuration to `engine`."""
        engine.add_policy(module["path"], module["source"])
        engine.add_data_json(json.dumps({"config": module["config"]}))
        for name, reason in VARIADIC.items():
            if name in module["source"]:
                self._refuse(engine, module, name, reason)

    def _refuse(self, engine: regorus.Engine, module: dict[str, Any], name: str, reason: str) -> None:
        from verifier.rules.syntax import Syntax

        calls = Syntax(engine, module["source"], self.limits["explained"]).calls()
        count = next((count for called, count, _, _ in calls if called == name), 1)
        engine.add_extension(name, count, refusal(self.session, name, reason))

    def decide(self, engine: regorus.Engine, answer: dict[str, Any]) -> None:
        """Evaluates what a rule comes to."""
        answer["applicable"] = self.value(engine, "applicable")
        if answer["applicable"] not in ("", "true"):
            return
        answer["violations"], answer["uncounted"] = self._violations(engine)
        answer["decision"] = self.value(engine, "pass")
        answer["note"] = self._text(engine, "note") if answer["decision"] == "true" else ""

    def value(self, engine: regorus.Engine, name: str, package: str = "docker.scout") -> str:
        """The value of a rule as JSON text, or "undefined"; "" when the file has no such rule."""
        try:
            text: str = engine.eval_rule_as_json(f"data.{package}.{name}")
        except RuntimeError as fault:
            if plain(fault) == NO_SUCH_RULE:
                return ""
            raise
        if len(text) > self.limits["output"] // 8:
            raise RuleFault(f"`{name}` has more than {self.limits['output'] // 8} characters")
        return "undefined" if text == UNDEFINED else text

    def _text(self, engine: regorus.Engine, name: str) -> str:
        text = self.value(engine, name)
        return json.loads(text)[: self.limits["text"]] if text.startswith('"') else ""

    def _violations(self, engine: regorus.Engine) -> tuple[Any, int]:
        text = self.value(engine, "violation")
        if text in ("", "undefined"):
            return [], 0
        found = json.loads(text)
        if not isinstance(found, list):
            return found, 0
        most = self.limits["violations"]
        return found[:most], max(0, len(found) - most)

    def prints(self, engine: regorus.Engine) -> list[str]:
        """What was printed since, within bounds."""
        return [line[: self.limits["text"]] for line in engine.take_prints()[: self.limits["prints"]]]

    def told(self, fault: BaseException) -> str:
        """The reason, in our words where a function of ours was the reason."""
        text = str(fault) if isinstance(fault, RuleFault) else self.session.fault or plain(fault)
        return text[: self.limits["text"]]

    def _compile_fault(self, module: dict[str, Any], calls: Calls) -> str:
        engine = self.engine()
        try:
            engine.add_policy(module["path"], module["source"])
            engine.eval_query_as_json("1")  # orders the rules, and so finds variables that nothing binds
            most = self.limits["explained"]
            return heads.fault(module, engine, most) or calls.fault(module, engine, most)
        except RuntimeError as fault:
            return plain(fault)
        except BaseException as fault:  # noqa: BLE001 - the engine's own panics are no Exception
            return f"{module['path']}: {fault}"


def reached(engine: regorus.Engine, path: str) -> dict[str, list[int]]:
    """Which lines of the file `path` were evaluated, and which were not."""
    for file in json.loads(engine.get_coverage_report_as_json())["files"]:
        if file["path"] == path:
            return {"covered": file["covered"], "not_covered": file["not_covered"]}
    return {}


def plain(fault: BaseException) -> str:
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
