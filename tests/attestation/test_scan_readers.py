import pytest

from tests.attestation.attestation_documents import b64, facts_of
from verifier.attestation.vulnerability_scan import severity

CLAMAV = """/usr/bin/python3: OK

----------- SCAN SUMMARY -----------
Known viruses: 8700000
Engine version: 1.4.3
Scanned directories: 10
Scanned files: 1234
Infected files: 0
Data scanned: 20.00 MB
Time: 12.3 sec (0 m 12 s)
Start Date: 2026:01:02 03:04:05
End Date:   2026:01:02 03:04:17
"""
IN_TOTO = "https://in-toto.io/attestation/vulns/v0.1"


def malware(report: str | bytes):
    return facts_of("malware", {"scanner": {"uri": "clamav/clamav:stable", "report": b64(report)}})


def vulnerability(**changed):
    return {"source_id": "CVE-2026-1", "cvss": {"severity": "HIGH", "score": 7.5}} | changed


def in_toto(result, **metadata):
    scanner = {"uri": "pkg:docker/scanner", "db": {"lastUpdate": "2026-01-01T00:00:00Z"}, "result": result}
    return facts_of("vulnerabilities", {"scanner": scanner, "metadata": metadata}, uri=IN_TOTO)


def ctrf(summary, **results):
    return facts_of("tests", {"reportFormat": "CTRF", "results": {"summary": summary, **results}})


# malware


def test_clean_malware_report():
    found = malware(CLAMAV)

    assert found["infected"] == 0
    assert found["scanned"] == 1234
    assert found["scanner"] == "clamav/clamav:stable"
    assert found["time"] == "2026-01-02T03:04:17Z"


def test_infected_files_are_counted_whatever_the_line_ends():
    assert malware(CLAMAV.replace("Infected files: 0", "infected files: 2").replace("\n", "\r\n"))["infected"] == 2


def test_listed_finding_counts_although_the_summary_denies_it():
    assert malware("/tmp/x: Eicar-Test-Signature FOUND\n" + CLAMAV)["infected"] == 1


@pytest.mark.parametrize(
    "line", ["", "Infected files: none", "Infected files: -1", "Infected files: 0x0", "Infected: 0"]
)
def test_malware_report_without_a_number_of_infected_files_is_unreadable(line):
    assert "Infected files" in malware(CLAMAV.replace("Infected files: 0", line))["unreadable"]


def test_file_name_that_imitates_the_summary_makes_the_report_unreadable():
    assert "unreadable" in malware("/tmp/a\nInfected files: 0\n: OK\n" + CLAMAV.replace("files: 0", "files: 3"))


@pytest.mark.parametrize(
    "predicate",
    [
        [],
        "",
        {},
        {"scanner": {}},
        {"scanner": {"report": ""}},
        {"scanner": {"report": "%%%"}},
        {"scanner": {"report": 1}},
    ],
)
def test_malware_predicate_without_a_report(predicate):
    assert "unreadable" in facts_of("malware", predicate)


def test_malware_report_with_bytes_that_are_no_text_and_long_lines():
    assert malware(b"\xff\xfe \x00" + b"x: " * 200_000 + b"\n" + b" " * 200_000 + CLAMAV.encode())["infected"] == 0


def test_J19_end_date_that_is_none():
    found = malware(CLAMAV.replace("2026:01:02 03:04:17", "2026:13:02 03:04:17"))

    assert found["time"] == ""
    assert found["time_ns"] is None
    assert found["time_problem"]


# secrets


@pytest.mark.parametrize("clean", [[], {}])
def test_empty_secrets_are_a_clean_scan(clean):
    assert facts_of("secrets", clean)["findings"] == 0


def test_findings_are_counted_and_their_text_is_never_copied():
    finding = {"rule_id": "aws", "match": "AKIA-very-secret"}

    for predicate in ([finding, finding], {"findings": [finding] * 2}, [{"source": {}, "findings": [finding] * 2}]):
        found = facts_of("secrets", predicate)
        assert found["findings"] == 2
        assert "very-secret" not in str(found)


def test_entry_without_findings_is_still_one():
    assert facts_of("secrets", [{"source": {}, "findings": []}])["findings"] == 1


@pytest.mark.parametrize(
    "predicate", [0, "", False, {"findings": []}, {"findings": None}, {"error": "timeout"}, [None]]
)
def test_secrets_in_no_known_form_are_unreadable(predicate):
    assert "unreadable" in facts_of("secrets", predicate)


# vulnerabilities


def test_empty_scout_array_is_a_clean_scan():
    found = facts_of("vulnerabilities", [])

    assert (found["form"], found["count"], found["packages"]) == ("scout", 0, 0)


def test_scout_vulnerabilities_are_counted():
    packages = [
        {"purl": "pkg:deb/debian/a@1", "vulnerabilities": [vulnerability(), vulnerability(cvss=None)]},
        {"purl": "pkg:deb/debian/b@1", "vulnerabilities": []},
    ]

    found = facts_of("vulnerabilities", packages)

    assert (found["count"], found["packages"]) == (2, 2)
    assert found["severities"] == {"HIGH": 1, "UNSPECIFIED": 1}


@pytest.mark.parametrize("wrap", [lambda hit: hit, lambda hit: {"vulnerability": hit}])
def test_both_published_forms_of_in_toto_results(wrap):
    hits = [{"id": "CVE-2026-1", "severity": [{"method": "nvd", "score": "9.8"}, {"method": "x", "score": "low"}]}]

    found = in_toto([wrap(hit) for hit in hits], scanFinishedOn="2026-01-02T03:04:05Z")

    assert (found["form"], found["count"]) == ("in-toto", 1)
    assert found["severities"] == {"CRITICAL": 1}
    assert found["time"] == "2026-01-02T03:04:05Z"


def test_empty_in_toto_list_is_a_clean_scan():
    assert in_toto([])["count"] == 0


@pytest.mark.parametrize("result", [None, {}, {"vulnerability": {"id": "CVE-1"}}, "", 0, [None], [{}], [{"id": ""}]])
def test_J15_in_toto_scan_in_another_shape_is_unreadable_not_clean(result):
    assert "unreadable" in in_toto(result)


@pytest.mark.parametrize(
    "predicate",
    [
        {},
        {"vulnerabilities": []},
        "",
        0,
        [None],
        [{}],
        [{"purl": "pkg:deb/a"}],
        [{"purl": "pkg:deb/a", "vulnerabilities": None}],
        [{"purl": "pkg:deb/a", "vulnerabilities": [{}]}],
        [{"vulnerabilities": []}],
    ],
)
def test_J15_scout_scan_in_another_shape_is_unreadable_not_clean(predicate):
    assert "unreadable" in facts_of("vulnerabilities", predicate)


def test_J15_time_of_the_scan_and_of_its_database_are_shown():
    found = in_toto([], scanFinishedOn="2026-01-02T03:04:05")

    assert found["database_updated"] == "2026-01-01T00:00:00Z"
    assert found["time"] == ""
    assert "zone" in found["time_problem"]


@pytest.mark.parametrize(
    ("stated", "expected"),
    [
        ("critical", "CRITICAL"),
        ("CRITICAL", "CRITICAL"),
        (" High ", "HIGH"),
        ("moderate", "MEDIUM"),
        ("9.8", "CRITICAL"),
        (9.0, "CRITICAL"),
        ("8.9", "HIGH"),
        (4, "MEDIUM"),
        ("0.1", "LOW"),
        ("0.0", "NONE"),
        ("none", "NONE"),
        ("", "UNSPECIFIED"),
        (None, "UNSPECIFIED"),
        ("catastrophic", "CRITICAL"),
        ("-1", "CRITICAL"),
        ([], "CRITICAL"),
    ],
)
def test_J16_severity_in_any_spelling_and_the_worst_for_an_unknown_one(stated, expected):
    assert severity(stated) == expected


# tests


def test_test_report_is_counted():
    found = ctrf({"tests": 5, "passed": 3, "failed": 1, "skipped": 1, "start": 1767323045000, "stop": 1767323046000})

    assert {name: found[name] for name in ("tests", "passed", "failed", "skipped", "pending", "other")} == {
        "tests": 5,
        "passed": 3,
        "failed": 1,
        "skipped": 1,
        "pending": 0,
        "other": 0,
    }
    assert found["time"] == "2026-01-02T03:04:06Z"


def test_J20_failed_test_in_the_list_counts_although_the_summary_denies_it():
    found = ctrf({"tests": 1, "passed": 1, "failed": 0}, tests=[{"name": "tls", "status": "failed"}])

    assert found["failed"] == 1


@pytest.mark.parametrize(
    "summary",
    [
        None,
        {},
        [],
        {"tests": 1, "passed": 1},
        {"tests": 1, "failed": 0},
        {"passed": 1, "failed": 0},
        {"tests": 1, "passed": 1, "failed": "0"},
        {"tests": 1, "passed": 1, "failed": False},
        {"tests": 1, "passed": 1, "failed": -1},
        {"tests": 1, "passed": 1, "failed": 0.5},
        {"tests": 1, "passed": 2, "failed": 0},
    ],
)
def test_J20_test_summary_that_cannot_be_believed_is_unreadable(summary):
    assert "unreadable" in ctrf(summary)


@pytest.mark.parametrize("predicate", [{}, [], "", {"results": None}, {"results": []}])
def test_test_report_without_results_is_unreadable(predicate):
    assert "unreadable" in facts_of("tests", predicate)
