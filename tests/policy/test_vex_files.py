"""OpenVEX documents in policy documents: what is taken, refused, planned and shown."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from verifier.errors import ConfigurationError, UsageError
from verifier.limits import DEFAULT_LIMITS
from verifier.model import Plan, VexFile
from verifier.oci import parse_reference
from verifier.policy import Additions, load_document, plan_for
from verifier.policy.effective import effective

DIGEST = f"sha256:{'a' * 64}"
IMAGE = parse_reference("dhi.io/nginx:1.29")


@pytest.fixture
def policy(tmp_path: Path) -> Callable[[str], str]:
    def write(vex: str) -> str:
        path = tmp_path / "policy.yaml"
        path.write_text(
            "version: 1\nname: ours\nimages:\n  - match: dhi.io/*\n    trust: {keys: [dhi-2]}\n"
            f"    rules: [{{pack: dhi}}]\n    vex: {vex}\n"
        )
        return str(path)

    return write


def planned(path: str, **more: Any) -> tuple[VexFile, ...]:
    plan = plan_for(load_document(path), IMAGE, Additions(**more))
    assert isinstance(plan, Plan)
    return plan.vex


def test_pinned_file_is_relative_to_the_document(policy: Callable[[str], str], tmp_path: Path) -> None:
    path = policy(f"[{{file: vex/dhi-nginx.vex.json, digest: '{DIGEST}'}}]")

    assert planned(path) == (VexFile(str(tmp_path / "vex/dhi-nginx.vex.json"), digests=(DIGEST,)),)


def test_pinned_digest_vouches_for_a_file_of_the_command_line(policy: Callable[[str], str]) -> None:
    assert planned(policy(f"[{{digest: '{DIGEST}'}}]"), vex=("a.json",)) == (VexFile("a.json", digests=(DIGEST,)),)


def test_bundle_goes_before_what_is_pinned(policy: Callable[[str], str]) -> None:
    path = policy(f"[{{digest: '{DIGEST}'}}]")

    assert planned(path, vex=("a.json",), vex_bundles=("a.sig",)) == (VexFile("a.json", "a.sig"),)


@pytest.mark.parametrize(
    "stated",
    ["[{file: a.json}]", "[{digest: 'sha256:AA'}]", f"[{{digest: '{DIGEST} '}}]", "[a.json]", "[{}]", "a.json"],
)
def test_G15_file_without_a_digest_is_refused(policy: Callable[[str], str], stated: str) -> None:
    with pytest.raises(ConfigurationError):
        load_document(policy(stated))


def test_there_is_an_end_to_files(policy: Callable[[str], str]) -> None:
    many = tuple(f"{number}.json" for number in range(DEFAULT_LIMITS.vex_documents + 1))

    with pytest.raises(UsageError, match="VEX documents are named"):
        planned(policy(f"[{{digest: '{DIGEST}'}}]"), vex=many)


def test_show_says_where_each_file_comes_from(policy: Callable[[str], str]) -> None:
    path = policy(f"[{{file: a.json, digest: '{DIGEST}'}}]")

    shown = effective(load_document(path), IMAGE, Additions(vex=("b.json",), vex_bundles=("b.sig",)))

    found = [(Path(value.value["path"]).name, value.origin) for value in shown.values if value.name == "vex"]
    assert found == [("a.json", f"{path}:7"), ("b.json", "--vex")]
