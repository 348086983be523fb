"""Images that Docker's nine policies and ours judge differently, and what Docker's come to for them.

Each case is an image, a rule with its configuration, and the number of its violations: 0 passes, anything else fails.
"""

from __future__ import annotations

import base64
from typing import Any

import msgspec
from msgspec.structs import replace

from tests.policies.dhi_images import (
    CYCLONEDX,
    DIGEST,
    OTHER,
    SCOUT_VULNERABILITIES,
    SECRETS,
    SLSA_02,
    SLSA_1,
    SPDX,
    STIG,
    TESTS,
    VEX,
    VIRUS,
    Image,
    labelled,
)
from verifier.rules import RuleInput

USER = "dhi-default-non-root-user"
FIXABLE = "fixable-vulnerabilities"
FAMOUS = "high-profile-vulnerabilities"
MALWARE = "dhi-no-embedded-malware"
SECRET = "dhi-no-embedded-secrets"
TESTED = "dhi-no-failing-tests"
SIGNED = "dhi-signed-supply-chain-attestations"
SHELL = "dhi-unintentional-shell-or-package-manager"
HARDENED = "dhi-stig-scan-score"

PURL = "pkg:deb/debian/curl@8.0"


class Case(msgspec.Struct, frozen=True):
    rule: str
    violations: int
    given: RuleInput
    config: dict[str, Any] = {}


def case(rule: str, violations: int, image: Image | RuleInput, **config: Any) -> Case:
    return Case(rule, violations, image.given() if isinstance(image, Image) else image, config)


def having(kind: str, predicate: Any, config: dict[str, Any] | None = None) -> Image:
    """An image with one statement."""
    return Image(config=config or labelled(compliance="fips"), predicates={kind: [predicate]})


def of_another(kind: str, predicate: Any) -> RuleInput:
    """The statement speaks about another image."""
    given = having(kind, predicate).given()
    ((reference, body),) = given.statements[kind]
    return replace(given, statements={kind: ((reference, body.replace(DIGEST[7:].encode(), OTHER[7:].encode())),)})


def user(name: Any, version: str = "3.13-debian13") -> Image:
    return Image(config=labelled(version=version) | ({} if name is ... else {"User": name}))


def no_user(version: str = "3.13-debian13") -> Image:
    return Image(config={"Labels": labelled(version=version)["Labels"]})


def clamav(text: str) -> dict[str, Any]:
    return {"scanner": {"report": base64.b64encode(text.encode()).decode()}}


def finding(**changes: Any) -> dict[str, Any]:
    """A vulnerability with a fix, public for years; `...` leaves a member out."""
    members = {
        "source_id": "CVE-2020-1",
        "fixed_by": "8.1",
        "published_at": "2020-01-01T00:00:00Z",
        "cvss": {"severity": "HIGH", "score": 7.5},
    }
    return {name: value for name, value in (members | changes).items() if value is not ...}


def found(*vulnerabilities: dict[str, Any], purl: Any = PURL, vex: Any = None) -> Image:
    predicates = {SCOUT_VULNERABILITIES: [[{"purl": purl, "vulnerabilities": list(vulnerabilities)}]]}
    return Image(predicates=predicates | ({VEX: [{"statements": [vex]}]} if vex else {}))


def said(**changes: Any) -> dict[str, Any]:
    return {"vulnerability": {"name": "CVE-2020-1"}, "products": [{"@id": PURL}], "status": "not_affected"} | changes


def profile(reached: Any = 99, most: Any = 100, **changes: Any) -> dict[str, Any]:
    return {"name": "gpos", "summary": {"defaultScore": reached, "maxDefaultScore": most}} | changes


def packages(*names: str, **labels: str) -> Image:
    listed = [{"name": name, "externalRefs": [{"referenceLocator": f"pkg:deb/{name}"}]} for name in names]
    return having(SPDX, {"packages": listed}, labelled(**labels))


def supply(*kinds: str, signed: bool = True) -> Image:
    return Image(predicates={kind: [{"packages": []}] for kind in kinds}, signed=signed)


CASES: dict[str, Case] = {
    # 1. The user
    "user of another name": case(USER, 0, user("65532")),
    "user root": case(USER, 1, user("root")),
    "no user": case(USER, 1, no_user()),
    "empty user passes": case(USER, 0, user("")),
    "uid 0 passes": case(USER, 0, user("0")),
    "uid and gid 0 pass": case(USER, 0, user("0:0")),
    "root with a group passes": case(USER, 0, user("root:root")),
    "label -dev is enough": case(USER, 0, user("root", "3.13-dev")),
    "label -sdk- is enough": case(USER, 0, user("root", "8-sdk-alpine")),
    "label ending in -sdk is not": case(USER, 1, user("root", "8-sdk")),
    "no version label": case(USER, 1, user("root", "..")),
    "no labels": case(USER, 1, Image(config={"User": "root", "Labels": None})),
    "package image": case(USER, 0, Image(config={"User": "root"}, products=["dhi/pkg-curl"])),
    # 2. Fixable vulnerabilities
    "no scan has no vulnerabilities": case(FIXABLE, 0, Image()),
    "late fix": case(FIXABLE, 1, found(finding())),
    "scan of another image": case(
        FIXABLE, 1, of_another(SCOUT_VULNERABILITIES, [{"purl": PURL, "vulnerabilities": [finding()]}])
    ),
    "no fix": case(FIXABLE, 0, found(finding(fixed_by=...))),
    "fix is false": case(FIXABLE, 0, found(finding(fixed_by=False))),
    "empty fix is one": case(FIXABLE, 1, found(finding(fixed_by=""))),
    "in time": case(FIXABLE, 0, found(finding(published_at="2026-05-26T00:00:00Z"))),
    "seven days to the second": case(FIXABLE, 1, found(finding(published_at="2026-05-25T12:00:00Z"))),
    "one second less": case(FIXABLE, 0, found(finding(published_at="2026-05-25T12:00:01Z"))),
    "exploited in the wild": case(FIXABLE, 1, found(finding(published_at="2026-05-26T00:00:00Z", cisa_exploited=True))),
    "no date": case(FIXABLE, 1, found(finding(published_at=...))),
    "empty date": case(FIXABLE, 1, found(finding(published_at=""))),
    "unparseable date passes": case(FIXABLE, 0, found(finding(published_at="soon"))),
    "date that does not exist passes": case(FIXABLE, 0, found(finding(published_at="2025-02-29T00:00:00Z"))),
    "leap day": case(FIXABLE, 1, found(finding(published_at="2024-02-29T00:00:00Z"))),
    "first year of the calendar passes": case(FIXABLE, 0, found(finding(published_at="0001-01-01T00:00:00Z"))),
    "date of another type passes": case(FIXABLE, 0, found(finding(published_at=1577836800))),
    "low severity has thirty days": case(
        FIXABLE, 0, found(finding(published_at="2026-05-10T00:00:00Z", cvss={"severity": "LOW"}))
    ),
    "severity in small letters": case(
        FIXABLE, 1, found(finding(published_at="2026-05-20T00:00:00Z", cvss={"severity": "high"}))
    ),
    "no cvss counts": case(FIXABLE, 1, found(finding(cvss=...))),
    "cvss null does not": case(FIXABLE, 0, found(finding(cvss=None))),
    "type of package": case(FIXABLE, 1, found(finding()), package_types=["deb"]),
    "another type of package": case(FIXABLE, 0, found(finding()), package_types=["npm"]),
    "no package URL": case(FIXABLE, 0, found(finding(), purl="curl"), package_types=["deb"]),
    "slas replace the map": case(FIXABLE, 0, found(finding(published_at="2026-05-20T00:00:00Z")), slas={"LOW": 1}),
    "default_sla_days": case(
        FIXABLE, 1, found(finding(published_at="2026-05-20T00:00:00Z")), slas={}, default_sla_days=5
    ),
    "kev_sla_days": case(FIXABLE, 0, found(finding(cisa_exploited=True)), kev_sla_days=10_000),
    "vex not affected": case(FIXABLE, 0, found(finding(), vex=said())),
    "vex under investigation": case(FIXABLE, 0, found(finding(), vex=said(status="under_investigation"))),
    "vex affected": case(FIXABLE, 1, found(finding(), vex=said(status="affected"))),
    "vex of another version": case(FIXABLE, 1, found(finding(), vex=said(products=[{"@id": "pkg:deb/debian/curl"}]))),
    "vex of a subcomponent": case(
        FIXABLE, 1, found(finding(), vex=said(products=[{"@id": "pkg:oci/x", "subcomponents": [{"@id": PURL}]}]))
    ),
    "vex by alias": case(FIXABLE, 1, found(finding(aliases=["GHSA-1"]), vex=said(vulnerability={"name": "GHSA-1"}))),
    "excluded_vex_statuses": case(FIXABLE, 1, found(finding(), vex=said()), excluded_vex_statuses=["fixed"]),
    "two late fixes": case(FIXABLE, 2, found(finding(), finding(source_id="CVE-2020-2"))),
    # 3. High-profile vulnerabilities
    "famous": case(FAMOUS, 1, found(finding(source_id="CVE-2021-44228", fixed_by=...))),
    "famous by alias": case(FAMOUS, 1, found(finding(aliases=["CVE-2021-44228"]))),
    "famous without cvss passes": case(FAMOUS, 0, found(finding(source_id="CVE-2021-44228", cvss=...))),
    "famous in a scan of another image": case(
        FAMOUS,
        1,
        of_another(SCOUT_VULNERABILITIES, [{"purl": PURL, "vulnerabilities": [finding(cisa_exploited=True)]}]),
    ),
    "vex does not excuse": case(FAMOUS, 1, found(finding(cisa_exploited=True), vex=said())),
    "not famous": case(FAMOUS, 0, found(finding())),
    "no scan has nothing famous": case(FAMOUS, 0, Image()),
    "exploited": case(FAMOUS, 1, found(finding(cisa_exploited=True))),
    "include_cisa_kev": case(FAMOUS, 0, found(finding(cisa_exploited=True)), include_cisa_kev=False),
    "ignored_cves": case(FAMOUS, 0, found(finding(cisa_exploited=True, aliases=["X"])), ignored_cves=["X"]),
    "cves": case(FAMOUS, 1, found(finding()), cves=["CVE-2020-1"]),
    # 4. Malware
    "no malware scan": case(MALWARE, 2, Image()),
    "clean": case(MALWARE, 0, having(VIRUS, clamav("Scanned files: 9\nInfected files: 0\n"))),
    "infected": case(MALWARE, 1, having(VIRUS, clamav("Infected files: 1\n"))),
    "malware scan of another image": case(MALWARE, 1, of_another(VIRUS, clamav("Infected files: 0\n"))),
    "report without the line passes": case(MALWARE, 0, having(VIRUS, clamav("evil FOUND\n"))),
    "first line counts": case(MALWARE, 0, having(VIRUS, clamav("Infected files: 0\nInfected files: 7\n"))),
    "windows line ends pass": case(MALWARE, 0, having(VIRUS, clamav("Infected files: 7\r\n"))),
    "two zeros": case(MALWARE, 1, having(VIRUS, clamav("Infected files: 00"))),
    "small letters": case(MALWARE, 1, having(VIRUS, clamav("infected files: 0"))),
    "no base64 passes": case(MALWARE, 0, having(VIRUS, {"scanner": {"report": "Infected files: 7"}})),
    "base64 in lines": case(MALWARE, 1, having(VIRUS, {"scanner": {"report": "SW5mZWN0ZWQg\nZmlsZXM6IDU=\n"}})),
    # 5. Secrets
    "no secret scan": case(SECRET, 2, Image()),
    "empty list": case(SECRET, 0, having(SECRETS, [])),
    "empty object": case(SECRET, 0, having(SECRETS, {})),
    "finding": case(SECRET, 1, having(SECRETS, [{"rule_id": "aws"}])),
    "null passes": case(SECRET, 0, having(SECRETS, None)),
    "secret scan of another image": case(SECRET, 1, of_another(SECRETS, [])),
    # 6. Tests
    "no tests": case(TESTED, 2, Image()),
    "none failed": case(TESTED, 0, having(TESTS, {"results": {"summary": {"failed": 0, "passed": 1}}})),
    "failed": case(TESTED, 1, having(TESTS, {"results": {"summary": {"failed": 2}}})),
    "no test at all passes": case(TESTED, 0, having(TESTS, {"results": {"summary": {"failed": 0, "tests": 0}}})),
    "no summary passes": case(TESTED, 0, having(TESTS, {"results": {}})),
    "tests of another image": case(TESTED, 1, of_another(TESTS, {"results": {}})),
    # 7. Signatures
    "nothing signed": case(SIGNED, 6, Image()),
    "both signed": case(SIGNED, 0, supply(SPDX, SLSA_02)),
    "one is missing": case(SIGNED, 3, supply(SPDX)),
    "SLSA v1 does not answer": case(SIGNED, 3, supply(SPDX, SLSA_1)),
    "CycloneDX does not answer": case(SIGNED, 3, supply(CYCLONEDX, SLSA_02)),
    "signed by nobody": case(SIGNED, 2, supply(SPDX, SLSA_02, signed=False)),
    "empty statements pass": case(SIGNED, 0, Image(predicates={SPDX: [{}], SLSA_02: [{}]})),
    # 8. Shells and package managers
    "shell": case(SHELL, 1, packages("bash")),
    "package manager": case(SHELL, 1, packages("apk-tools")),
    "both": case(SHELL, 2, packages("busybox", "apt")),
    "shell is declared": case(SHELL, 0, packages("bash", shell="bash")),
    "label is absent": case(SHELL, 0, packages("bash", shell="..")),
    "other shells pass": case(SHELL, 0, packages("dash", "zsh", "dnf")),
    "no bill of materials passes": case(SHELL, 0, Image()),
    "package without reference passes": case(SHELL, 0, having(SPDX, {"packages": [{"name": "bash"}]}, labelled())),
    # 9. STIG
    "score": case(HARDENED, 1, having(STIG, [profile()])),
    "full score": case(HARDENED, 0, having(STIG, [profile(100)])),
    "target_score": case(HARDENED, 0, having(STIG, [profile()]), target_score=99),
    "score in hundredths": case(HARDENED, 0, having(STIG, [profile(57)]), target_score=57),
    "only stig is claimed": case(HARDENED, 0, having(STIG, [profile()], labelled(compliance="stig"))),
    "token in capitals passes": case(HARDENED, 0, having(STIG, [profile()], labelled(compliance="FIPS"))),
    "token with blanks": case(HARDENED, 1, having(STIG, [profile()], labelled(compliance="cis, fips"))),
    "no labels claim nothing": case(HARDENED, 0, Image(config={"Labels": None})),
    "no STIG scan": case(HARDENED, 2, Image(config=labelled(compliance="fips"))),
    "STIG scan of another image": case(HARDENED, 1, of_another(STIG, [profile(100)])),
    "no profile passes": case(HARDENED, 0, having(STIG, [])),
    "no maximum passes": case(HARDENED, 0, having(STIG, [profile(most=0)])),
    "score in words passes": case(HARDENED, 0, having(STIG, [profile(reached="low")])),
    "no name passes": case(HARDENED, 0, having(STIG, [{"summary": profile()["summary"]}])),
}
