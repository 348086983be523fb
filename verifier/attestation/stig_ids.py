"""The ids by which auditors know the rules of a STIG.

DISA writes `SV-203739r987791_rule` for revision 987791 of the rule of group `V-203739`. Both numbers are the same for
all rules since 2020; older ones have a number for each, and only the document can say which go together.
"""

from __future__ import annotations

import re

_RULE = re.compile(r"(?:.*_)?(SV-([0-9]{1,9})r[0-9]{1,9}_rule)")
_GROUP = re.compile(r"(?:.*_)?S?V[-_]([0-9]{1,9})")
_SAME_NUMBER = 200_000  # from here on, rule and group have one number


def disa_ids(identifier: str, group: str = "") -> tuple[str, str]:
    """The group id (`V-203739`) and the rule id (`SV-203739r987791_rule`) in the ids of a rule and its group, or ""."""
    rule, of_group = _RULE.fullmatch(identifier), _GROUP.fullmatch(group)
    number = of_group[1] if of_group else ""
    if rule and not number and int(rule[2]) >= _SAME_NUMBER:
        number = rule[2]
    if not rule and not number and (older := _GROUP.fullmatch(identifier)):
        number = older[1]
    return (f"V-{number}" if number else ""), (rule[1] if rule else "")
