# Scans are put in the place of the fixture's, and what OpenVEX documents came to beside them.
package docker.scout_test

import data.docker.scout
import rego.v1

long_ago := "2020-01-01T00:00:00Z"

today := time.parse_rfc3339_ns("2026-06-01T00:00:00Z")

test_an_empty_scan_passes if {
	scout.pass with data.dhiverify.statements as scan([])
}

test_an_overdue_fix_fails if {
	found := scout.violation with data.dhiverify.statements as scan([finding({})]) with time.now_ns as today
	some one in found
	one.detail.vulnerability == "CVE-2026-0001"
	one.detail.sla == "7 days"
	count(found) == 1
}

test_a_finding_without_a_fix_passes if {
	unfixed := object.remove(finding({}), ["fixed_by"])
	scout.pass with data.dhiverify.statements as scan([unfixed]) with time.now_ns as today
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

scan(vulnerabilities) := {"https://scout.docker.com/vulnerabilities/v0.1": [{"predicate": [{
	"purl": "pkg:deb/debian/openssl@1",
	"vulnerabilities": vulnerabilities,
}]}]}

finding(changes) := object.union(
	{
		"source_id": "CVE-2026-0001",
		"fixed_by": "2",
		"published_at": long_ago,
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
