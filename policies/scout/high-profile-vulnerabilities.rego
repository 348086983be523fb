# METADATA
# title: No high-profile vulnerability is listed
# description: >-
#   The vulnerability scan lists none of the ids in cves (by default those that made headlines) and, unless
#   include_cisa_kev is false, none that CISA knows to be exploited. What is in ignored_cves does not count, and neither
#   does a vulnerability without CVSS data. A missing scan lists nothing.
# custom:
#   name: high-profile-vulnerabilities
#   result_type: vulnerability
#   weight: 20
#   not_compliant_title: Has a high-profile vulnerability
#   remediation: Use a newer build of the image. If you have judged the risk yourself, add the id to ignored_cves.
#   details_order: [purl, vulnerability, severity, fixedBy, cvssScore]
#   evidence: ["https://scout.docker.com/vulnerabilities/v0.1"]
package docker.scout

import rego.v1

default pass := false

pass if count(violation) == 0

violation contains {
	"message": sprintf("%v was found in %v", [name, purl]),
	"detail": {
		"purl": purl,
		"vulnerability": name,
		"severity": object.get(vulnerability.cvss, "severity", ""),
		"fixedBy": object.get(vulnerability, "fixed_by", ""),
		"cvssScore": one_decimal(object.get(vulnerability.cvss, "score", 0)),
	},
} if {
	entry := oci.referrer("https://scout.docker.com/vulnerabilities/v0.1").statement.predicate[_]
	vulnerability := entry.vulnerabilities[_]
	purl := entry.purl
	name := vulnerability.source_id
	is_object(vulnerability.cvss)
	high_profile(vulnerability)
	not ignored(vulnerability)
}

high_profile(vulnerability) if {
	some id in ids(vulnerability)
	id in listed
}

high_profile(vulnerability) if {
	object.get(data.config, "include_cisa_kev", true)
	vulnerability.cisa_exploited
}

ignored(vulnerability) if {
	some id in ids(vulnerability)
	id in object.get(data.config, "ignored_cves", [])
}

ids(vulnerability) := array.concat([vulnerability.source_id], aliases) if {
	aliases := object.get(vulnerability, "aliases", [])
	is_array(aliases)
}

rounded(score) := round(score * 10) / 10 if is_number(score)

one_decimal(score) := sprintf("%v.0", [rounded(score)]) if {
	rounded(score) == floor(rounded(score))
} else := sprintf("%v", [rounded(score)]) if {
	is_number(score)
} else := sprintf("%v", [score])

listed := object.get(data.config, "cves", [
	"CVE-2014-0160", # Heartbleed
	"CVE-2014-6271", # Shellshock
	"CVE-2021-44228", # Log4Shell
	"CVE-2021-45046", # Log4Shell, second part
	"CVE-2022-22965", # Spring4Shell
	"CVE-2023-38545", # curl, SOCKS5 heap overflow
	"CVE-2023-44487", # HTTP/2 rapid reset
	"CVE-2024-3094", # xz backdoor
])
