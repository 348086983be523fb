# Scans are put in the place of the fixture's, and what OpenVEX documents came to beside them.
package docker.scout_test

import data.docker.scout
import rego.v1

today := time.parse_rfc3339_ns("2026-06-01T00:00:00Z")

test_an_empty_scan_passes if {
	scout.pass with data.dhiverify.statements as scan([])
}

test_an_overdue_fix_fails if {
	faults(scan([finding({})]), {}) == {{
		"message": "CVE-2026-0001 of pkg:deb/debian/openssl@1 has a fix (2) and should have it within 7 days",
		"detail": {
			"purl": "pkg:deb/debian/openssl@1",
			"vulnerability": "CVE-2026-0001",
			"severity": "HIGH",
			"fixedBy": "2",
			"cvssScore": 7.5,
			"sla": "7 days",
		},
	}}
}

# What nobody can read is taken as the worst.
test_each_severity_has_its_time if {
	every severity, sla in {
		"CRITICAL": 7, "HIGH": 7, "important": 7, "medium": 30, " Moderate ": 30, "LOW": 30, "NEGLIGIBLE": 30, "NONE": 30,
		"": 30, "UNKNOWN": 30, "UNSPECIFIED": 30, "dire": 7,
	} {
		old := scan([finding({"cvss": {"severity": severity}, "published_at": days_ago(sla)})])
		young := scan([finding({"cvss": {"severity": severity}, "published_at": days_ago(sla - 1)})])
		{one.detail.sla | some one in faults(old, {})} == {sprintf("%d days", [sla])}
		count(faults(young, {})) == 0
	}
}

test_the_configuration_says_how_long if {
	of_a_week := scan([finding({"published_at": days_ago(7)})])
	count(faults(of_a_week, {"slas": {"HIGH": 8}, "default_sla_days": 7})) == 0
	count(faults(of_a_week, {"slas": {"LOW": 1}, "default_sla_days": 8})) == 0
	count(faults(of_a_week, {"slas": {"LOW": 30}, "default_sla_days": 7})) == 1
}

test_what_cisa_knows_to_be_exploited_has_a_day if {
	known := scan([finding({"cisa_exploited": true, "published_at": days_ago(1)})])
	{one.detail.sla | some one in faults(known, {})} == {"1 days (KEV)"}
	count(faults(known, {"kev_sla_days": 2})) == 0
}

test_a_date_that_cannot_be_read_is_no_excuse if {
	every date in [null, "", "yesterday", "2026-05-31", days_ago(-2)] {
		count(faults(scan([finding({"published_at": date})]), {})) == 1
	}
	count(faults(scan([finding({"published_at": "2026-06-01T12:00:00.5+01:00"})]), {})) == 0
}

test_the_configuration_may_ask_of_some_types_of_packages_alone if {
	count(faults(scan([finding({})]), {"package_types": ["npm"]})) == 0 with scout.parse_purl as {"type": "deb"}
	count(faults(scan([finding({})]), {"package_types": ["npm", "deb"]})) == 1 with scout.parse_purl as {"type": "deb"}
}

test_what_is_no_list_of_packages_fails if {
	every predicate in [
		null, {"first": {"purl": "", "vulnerabilities": []}}, [{"purl": ""}], [{"vulnerabilities": []}],
		[{"purl": "", "vulnerabilities": {}}], [{"purl": "", "vulnerabilities": [{}]}],
		[{"purl": "", "vulnerabilities": [{"source_id": "CVE-2026-0001", "cvss": 7}]}],
	] {
		found := faults({type: [{"predicate": predicate}]}, {})
		found == {{"message": "expected a list of packages with their vulnerabilities, found another scan result"}}
	}
}

test_without_a_scan_there_is_no_answer if {
	answers := [passed | passed := scout.pass] with data.dhiverify.statements as {}
	answers == []
}

test_a_package_needs_no_scan if {
	every artifact, asked in {"package": false, "image": true} {
		scout.applicable == asked with data.dhiverify as {"image": {"artifact": artifact}, "statements": {}}
	}
}

test_the_scan_of_a_package_counts if {
	scout.applicable with data.dhiverify as {"image": {"artifact": "package"}, "statements": scan([])}
}

test_a_finding_without_a_fix_passes if {
	every unfixed in [object.remove(finding({}), ["fixed_by"]), finding({"fixed_by": false})] {
		count(faults(scan([unfixed]), {})) == 0
	}
}

test_what_every_document_excuses_passes_with_a_note if {
	excused := {"statements": scan([finding({})]), "suppressions": [suppression({})]}
	scout.pass with data.dhiverify as excused with time.now_ns as today
	scout.note == "excused by OpenVEX documents: 1" with data.dhiverify as excused with time.now_ns as today
}

test_what_documents_disagree_about_fails if {
	disputed := {"statements": scan([finding({})]), "suppressions": [suppression({"suppressed": false})]}
	not scout.pass with data.dhiverify as disputed with time.now_ns as today
}

test_an_excuse_holds_for_its_package_and_vulnerability_alone if {
	every other in [{"purl": "pkg:deb/debian/openssl@2"}, {"vulnerability": "CVE-2026-0002"}] {
		known := {"statements": scan([finding({})]), "suppressions": [suppression(other)]}
		not scout.pass with data.dhiverify as known with time.now_ns as today
	}
}

test_configuration_narrows_what_excuses_and_never_widens_it if {
	excused := {"statements": scan([finding({})]), "suppressions": [suppression({})]}
	only_fixed := {"excluded_vex_statuses": ["fixed"]}
	not scout.pass with data.dhiverify as excused with data.config as only_fixed with time.now_ns as today

	doubtful := {"statements": scan([finding({})]), "suppressions": [suppression({"status": "under_investigation"})]}
	more := {"excluded_vex_statuses": ["not_affected", "under_investigation"]}
	not scout.pass with data.dhiverify as doubtful with data.config as more with time.now_ns as today
}

test_documents_as_they_are_excuse_nothing_here if {
	count(faults({type: [result([finding({})])], openvex: [vex([said("fixed", "")])[openvex]]}, {})) == 1
}

# Docker Scout has no `data.dhiverify`, one statement for each type, and OpenVEX documents as they are.
test_docker_scout_is_asked_for_scan_and_documents if {
	every status, reason in {"fixed": "", "not_affected": "component_not_present"} {
		count(scout_faults(vex([said(status, reason)]))) == 0
	}
	count(scout_faults(vex([]))) == 1
	count(scout_faults(vex([said("not_affected", "")]))) == 1
	count(scout_faults(vex([said("fixed", ""), said("affected", "")]))) == 1
}

test_docker_scout_may_answer_about_another_image if {
	other := {"source": {"image": {"digest": "sha256:cdcd"}}}
	answers := [passed | passed := scout.pass] with oci.referrer as answer with data.given as vex([])
		with data.dhiverify as false with input as other
	answers == []
}

# The violations under a scan and a configuration.
faults(scans, config) := found if {
	found := scout.violation with data.dhiverify.statements as scans with data.config as config with time.now_ns as today
}

# The violations that Docker Scout finds beside an OpenVEX document.
scout_faults(given) := found if {
	found := scout.violation with oci.referrer as answer with data.given as given with data.dhiverify as false
		with input as {"source": {"image": {"digest": "sha256:abab"}}} with time.now_ns as today
}

answer(wanted) := {"statement": object.union(data.given[wanted], {"subject": [{"digest": {"sha256": "abab"}}]})}

vex(statements) := {
	type: result([finding({})]),
	openvex: {"predicate": {"statements": statements}},
}

said(status, justification) := {
	"status": status,
	"justification": justification,
	"vulnerability": {"name": "CVE-2026-0001"},
	"products": [{"@id": "pkg:deb/debian/openssl@1"}],
}

days_ago(days) := time.format(today - ((((days * 24) * 60) * 60) * 1000000000))

type := "https://scout.docker.com/vulnerabilities/v0.1"

openvex := "https://openvex.dev/ns/v0.2.0"

scan(vulnerabilities) := {type: [result(vulnerabilities)]}

result(vulnerabilities) := {"predicate": [{"purl": "pkg:deb/debian/openssl@1", "vulnerabilities": vulnerabilities}]}

finding(changes) := object.union(
	{
		"source_id": "CVE-2026-0001",
		"fixed_by": "2",
		"published_at": "2020-01-01T00:00:00Z",
		"cvss": {"severity": "HIGH", "score": 7.5},
	},
	changes,
)

suppression(changes) := object.union(
	{
		"purl": "pkg:deb/debian/openssl@1",
		"vulnerability": "CVE-2026-0001",
		"suppressed": true,
		"status": "not_affected",
	},
	changes,
)
