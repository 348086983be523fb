"""The built-in functions of rules: Docker Scout's, as far as they are about evidence, and our own.

    oci.…, dhi.…                     `verifier.rules.oci_functions`
    cosign.…                         `verifier.rules.cosign_functions`
    scout.…                          `verifier.rules.scout_functions`
    time.now_ns()                    the run's effective time

Nothing here fetches: answers come from what was verified before. Whatever would reach network, environment, chance or
clock raises, and so does what grows without a bound. Standard library only, as the worker runs bare.
"""

from __future__ import annotations

from typing import Any

from verifier.rules import cosign_functions, oci_functions, scout_functions
from verifier.rules.functions import Function, Functions, Session, refusal

# By name: the number of parameters.
_REFUSED = {
    "http.send": 1,
    "net.cidr_expand": 1,  # reaches nothing, but makes a list of any length of a short text
    "net.lookup_ip_addr": 1,
    "opa.runtime": 0,
    "rand.intn": 2,
    "rego.parse_module": 2,
    "trace": 1,
    "uuid.parse": 1,
    "uuid.rfc4122": 1,
}


def functions_of(session: Session) -> Functions:
    """All of them; those that the engine's author built in under these names are replaced."""
    functions: Functions = {"time.now_ns": (0, lambda: session.now)}
    for module in (oci_functions, cosign_functions, scout_functions):
        functions |= module.functions(session)
    reason = "they see verified evidence and nothing else"
    for name, count in _REFUSED.items():
        functions[name] = (count, refusal(session, name, reason))
    return functions


def extend(engine: Any, session: Session) -> None:
    """Gives the built-in functions to `engine`."""
    for name, (count, function) in functions_of(session).items():
        engine.add_extension(name, count, _watched(session, name, function))


def _watched(session: Session, name: str, function: Function) -> Function:
    def call(*arguments: Any) -> Any:
        watch = session.watch
        return watch(name, arguments, function) if watch else function(*arguments)

    return call
