# METADATA
# title: No high-profile vulnerability is present
# description: >-
#   The verified Scout scan names none of the vulnerabilities that made headlines, and none that CISA knows to be
#   exploited. Neither a missing fix nor an OpenVEX statement excuses one.
# custom:
#   name: high-profile-vulnerabilities
#   result_type: vulnerability
#   weight: 20
#   remediation: Use a newer build of the image. If you have judged the risk yourself, add the id to ignored_cves.
#   details_order: [purl, vulnerability, cvssScore, severity]
#   evidence: ["https://scout.docker.com/vulnerabilities/v0.1"]
package docker.scout

import rego.v1

scan_type := "https://scout.docker.com/vulnerabilities/v0.1"

default applicable := true

# A package image comes without a scan; one that has one is judged like any other.
applicable := false if {
	data.dhiverify.image.artifact == "package"
	count(statements(scan_type)) == 0
}

# Without a scan there is no answer.
pass := count(violation) == 0 if count(statements(scan_type)) > 0

violation contains {"message": "expected a list of packages with their vulnerabilities, found another scan result"} if {
	some statement in statements(scan_type)
	not well_formed(statement)
}

violation contains {
	"message": sprintf("%s was found in %s", [vulnerability.source_id, entry.purl]),
	"detail": {
		"purl": entry.purl,
		"vulnerability": vulnerability.source_id,
		"severity": object.get(vulnerability, ["cvss", "severity"], "UNSPECIFIED"),
		"cvssScore": object.get(vulnerability, ["cvss", "score"], 0),
	},
} if {
	some statement in statements(scan_type)
	well_formed(statement)
	some entry in statement.predicate
	some vulnerability in entry.vulnerabilities
	high_profile(vulnerability)
	not ignored(vulnerability)
}

well_formed(statement) if {
	is_array(statement.predicate)
	every entry in statement.predicate {
		is_string(entry.purl)
		is_array(entry.vulnerabilities)
		every vulnerability in entry.vulnerabilities {
			is_string(vulnerability.source_id)
			is_object(object.get(vulnerability, "cvss", {}))
			is_array(object.get(vulnerability, "aliases", []))
		}
	}
}

high_profile(vulnerability) if some name in (names(vulnerability) & listed)

high_profile(vulnerability) if {
	object.get(data.config, "include_cisa_kev", true) != false
	not object.get(vulnerability, "cisa_exploited", false) in {false, null}
}

ignored(vulnerability) if some name in (names(vulnerability) & upper_case(object.get(data.config, "ignored_cves", [])))

names(vulnerability) := upper_case(array.concat([vulnerability.source_id], object.get(vulnerability, "aliases", [])))

upper_case(list) := {upper(name) | some name in list; is_string(name)}

listed := upper_case(object.get(data.config, "cves", [
	"CVE-2014-0160", # Heartbleed
	"CVE-2014-6271", # Shellshock
	"CVE-2021-44228", # Log4Shell
	"CVE-2021-45046", # Log4Shell, second part
	"CVE-2022-22965", # Spring4Shell
	"CVE-2023-38545", # curl, SOCKS5 heap overflow
	"CVE-2023-44487", # HTTP/2 rapid reset
	"CVE-2024-3094", # xz backdoor
]))

# dhiverify hands over every verified statement about this image. Docker Scout has one per type, and its subject is
# compared here.
statements(type) := object.get(data.dhiverify.statements, type, []) if {
	data.dhiverify
} else := [found.statement] if {
	found := oci.referrer(type)
	some subject in found.statement.subject
	sprintf("sha256:%s", [subject.digest.sha256]) == input.source.image.digest
}
