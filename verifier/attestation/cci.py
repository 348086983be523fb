"""Control correlation identifiers: which control of NIST SP 800-53 revision 5 a requirement of DISA's stands for.

The table is DISA's public CCI list, reduced to each identifier's control and enhancement, by control:

    {"AC-1": [1, 2, …], "AC-2 (1)": [15, …], …}
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from functools import cache
from pathlib import Path

_CCI = re.compile(r"CCI-([0-9]{6})")
_SYSTEM = re.compile(r"https?://(?:public\.)?(?:cyber|iase\.disa)\.mil/cci/?")
_TABLE = Path(__file__).with_name("cci.json")


def is_cci(system: str, text: str) -> bool:
    """Whether an identifier of this system, under DISA's present or former address, is a CCI."""
    return bool(_SYSTEM.fullmatch(system) and _CCI.fullmatch(text))


def controls(ccis: Iterable[str]) -> tuple[str, ...]:
    """The controls that these stand for, such as `SC-13` and `CM-5 (3)`, each once. An unlisted CCI has none."""
    numbers = [int(found[1]) for cci in ccis if (found := _CCI.fullmatch(cci))]
    return tuple(dict.fromkeys(control for number in numbers for control in _by_number().get(number, ())))


@cache
def _by_number() -> dict[int, tuple[str, ...]]:
    table: dict[str, list[int]] = json.loads(_TABLE.read_bytes())
    found: dict[int, tuple[str, ...]] = {}
    for control, numbers in table.items():
        for number in numbers:
            found[number] = (*found.get(number, ()), control)
    return found
