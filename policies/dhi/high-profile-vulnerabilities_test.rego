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

test_all_that_made_headlines_are_listed if {
	every name in [
		"CVE-2014-0160", "CVE-2014-6271", "CVE-2021-44228", "CVE-2021-45046", "CVE-2022-22965", "CVE-2023-38545",
		"CVE-2023-44487", "CVE-2024-3094",
	] {
		scout.pass == false with data.dhiverify.statements as scan([{"source_id": name}])
	}
}

test_the_configuration_may_list_others if {
	every name, passes in {"CVE-2026-0001": false, "CVE-2014-0160": true} {
		scout.pass == passes with data.dhiverify.statements as scan([{"source_id": name}])
			with data.config as {"cves": ["cve-2026-0001"]}
	}
}

test_what_was_found_is_named if {
	found := scout.violation with data.dhiverify.statements as scan([
		{"source_id": "CVE-2014-0160", "cvss": {"severity": "HIGH", "score": 7.5}},
		{"source_id": "CVE-2026-0001", "cisa_exploited": false},
	])
	found == {{
		"message": "CVE-2014-0160 was found in pkg:deb/debian/openssl@1",
		"detail": {
			"purl": "pkg:deb/debian/openssl@1",
			"vulnerability": "CVE-2014-0160",
			"severity": "HIGH",
			"cvssScore": 7.5,
		},
	}}
}

test_what_is_no_list_of_packages_fails if {
	every predicate in [
		null,
		{},
		[{"purl": "pkg:deb/debian/openssl@1"}],
		[{"vulnerabilities": []}],
		[{"purl": "pkg:deb/debian/openssl@1", "vulnerabilities": {"first": {"source_id": "CVE-2026-0001"}}}],
		[{"purl": "pkg:deb/debian/openssl@1", "vulnerabilities": [{}]}],
		[{"purl": "pkg:deb/debian/openssl@1", "vulnerabilities": [{"source_id": "CVE-2026-0001", "cvss": 7}]}],
		[{"purl": "pkg:deb/debian/openssl@1", "vulnerabilities": [{"source_id": "CVE-2026-0001", "aliases": "x"}]}],
	] {
		found := scout.violation with data.dhiverify.statements as {type: [{"predicate": predicate}]}
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

# Docker Scout has no `data.dhiverify`, and one statement for each type.
test_docker_scout_is_asked_for_the_statement if {
	every name, answer in {"CVE-2026-0001": true, "CVE-2014-0160": false} {
		scout.pass == answer with oci.referrer as referrer("abab", name) with input as this_image
			with data.dhiverify as false
	}
}

test_docker_scout_may_answer_about_another_image if {
	answers := [passed | passed := scout.pass] with oci.referrer as referrer("cdcd", "CVE-2026-0001")
		with input as this_image with data.dhiverify as false
	answers == []
}

type := "https://scout.docker.com/vulnerabilities/v0.1"

scan(vulnerabilities) := {type: [result(vulnerabilities)]}

result(vulnerabilities) := {"predicate": [{"purl": "pkg:deb/debian/openssl@1", "vulnerabilities": vulnerabilities}]}

this_image := {"source": {"image": {"digest": "sha256:abab"}}}

referrer(digest, name) := {"statement": object.union(
	{"subject": [{"digest": {"sha256": digest}}]},
	result([{"source_id": name}]),
)}
