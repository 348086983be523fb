# Scans are put in the place of the fixture's.
package docker.scout_test

import data.docker.scout
import rego.v1

test_an_empty_scan_passes if {
	scout.pass with data.dhiverify.statements as scan([])
}

test_a_listed_vulnerability_fails_by_id_and_by_alias if {
	every found in [{"source_id": "cve-2021-44228"}, {"source_id": "GHSA-x", "aliases": ["CVE-2024-3094"]}] {
		not scout.pass with data.dhiverify.statements as scan([found])
	}
}

test_what_cisa_knows_to_be_exploited_fails_unless_configured if {
	known := scan([{"source_id": "CVE-2026-0001", "cisa_exploited": true}])
	not scout.pass with data.dhiverify.statements as known
	scout.pass with data.dhiverify.statements as known with data.config as {"include_cisa_kev": false}
}

test_no_vex_document_excuses_one if {
	excused := {"suppressions": [{
		"purl": "pkg:deb/debian/openssl@1",
		"vulnerability": "CVE-2021-44228",
		"suppressed": true,
		"status": "not_affected",
	}]}
	known := object.union(excused, {"statements": scan([{"source_id": "CVE-2021-44228"}])})
	not scout.pass with data.dhiverify as known
}

test_an_ignored_one_passes if {
	ignoring := {"ignored_cves": ["CVE-2021-44228"]}
	scout.pass with data.dhiverify.statements as scan([{"source_id": "CVE-2021-44228"}]) with data.config as ignoring
}

scan(vulnerabilities) := {"https://scout.docker.com/vulnerabilities/v0.1": [{"predicate": [{
	"purl": "pkg:deb/debian/openssl@1",
	"vulnerabilities": vulnerabilities,
}]}]}
