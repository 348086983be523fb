"""dhi-default-non-root-user: who the image runs as, and who may be root."""

from __future__ import annotations

import pytest

from tests.policies.dhi_images import Image, Judge, labelled

RULE = "dhi-default-non-root-user"


def user(name: object, **labels: str) -> dict[str, object]:
    return labelled(**labels) | {"User": name}


@pytest.mark.parametrize("name", ["65532", "1000:0", "nonroot", "postgres:postgres", "10"])
def test_other_users_pass_and_the_message_says_what_was_not_looked_at(judge: Judge, name: str) -> None:
    outcome = judge(RULE, Image(config=user(name)))

    assert outcome.result == "pass"
    assert "the uid behind a name lies in a layer" in outcome.message


def test_root_by_name_fails(judge: Judge) -> None:
    outcome = judge(RULE, Image(config=user("root")))

    assert outcome.result == "fail"
    assert outcome.violations[0].detail == {"user": "root", "explicit": True}
    assert "USER" in outcome.remediation


@pytest.mark.parametrize("name", ["0", "00", "0:0", "0:1000", "+0", "-0", " 0 ", "4294967296"])
def test_gap_root_by_uid_zero(judge: Judge, name: str) -> None:
    assert judge(RULE, Image(config=user(name))).result == "fail"


@pytest.mark.parametrize("name", ["root:root", "root:0", " root"])
def test_gap_root_with_a_group(judge: Judge, name: str) -> None:
    assert judge(RULE, Image(config=user(name))).result == "fail"


def test_gap_root_by_an_empty_user(judge: Judge) -> None:
    assert judge(RULE, Image(config=user(""))).result == "fail"


@pytest.mark.parametrize("config", [{}, {"Labels": {}}])
def test_gap_root_by_leaving_the_user_out(judge: Judge, config: dict[str, object]) -> None:
    outcome = judge(RULE, Image(config=config))

    assert outcome.result == "fail"
    assert outcome.violations[0].detail["explicit"] is False


@pytest.mark.parametrize("name", [0, None, ["65532"], False])
def test_gap_user_of_another_type_fails(judge: Judge, name: object) -> None:
    assert judge(RULE, Image(config=user(name))).result == "fail"


@pytest.mark.parametrize("tag", ["3.13-debian13-dev", "8-sdk-alpine3.24"])
def test_dev_and_sdk_variants_may_be_root_when_label_and_signed_tag_say_so(judge: Judge, tag: str) -> None:
    outcome = judge(RULE, Image(config=user("root", version=tag), tags=["3.13", tag]))

    assert outcome.result == "pass"
    assert "variant" in outcome.message


def test_gap_tag_that_ends_with_sdk_is_exempt(judge: Judge) -> None:
    assert judge(RULE, Image(config=user("root", version="8-sdk"), tags=["8-sdk"])).result == "pass"


def test_O13_label_alone_exempts_nothing(judge: Judge) -> None:
    assert judge(RULE, Image(config=user("root", version="3.13-dev"), tags=["3.13"])).result == "fail"
    assert judge(RULE, Image(config=user("root", version="3.13-dev"), tags=[])).result == "fail"
    assert (
        judge(RULE, Image(config=user("root", version="3.13-dev"), tags=["3.13"], index_signed=True)).result == "fail"
    )


def test_O13_signed_tag_alone_exempts_nothing(judge: Judge) -> None:
    assert judge(RULE, Image(config=user("root"), tags=["3.13-dev"])).result == "fail"


def test_gap_missing_label_is_not_exempt(judge: Judge) -> None:
    assert judge(RULE, Image(config=user("root", version=".."), tags=["3.13-dev"])).result == "fail"
    assert judge(RULE, Image(config={"User": "root"}, tags=["3.13-dev"])).result == "fail"


@pytest.mark.parametrize("tag", ["3.13-device", "3.13_my-dev", "3.13-sdkman"])
def test_words_that_only_look_like_a_variant_exempt_nothing(judge: Judge, tag: str) -> None:
    assert judge(RULE, Image(config=user("root", version=tag), tags=[tag])).result == "fail"


def test_gap_runtime_root_required_is_honoured_in_manifest_and_signed_index(judge: Judge) -> None:
    needed = {"com.docker.dhi.runtime-root-required": "true"}

    assert judge(RULE, Image(config=user("root"), manifest_annotations=needed)).result == "pass"
    assert judge(RULE, Image(config=user("root"), index_annotations=needed, index_signed=True)).result == "pass"
    assert judge(RULE, Image(config=user("root"), index_annotations=needed)).result == "fail"


def test_runtime_root_required_must_be_true(judge: Judge) -> None:
    denied = {"com.docker.dhi.runtime-root-required": "false"}

    assert judge(RULE, Image(config=user("root"), manifest_annotations=denied)).result == "fail"
