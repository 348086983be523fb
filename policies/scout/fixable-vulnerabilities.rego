# METADATA
# title: Fixes arrive in time
# description: >-
#   No vulnerability of the scan that has a fix was published longer ago than slas allows for its severity (kev_sla_days
#   where CISA knows that it is exploited, default_sla_days for other severities). One without a date of publication is
#   late at once; one whose date cannot be read never is. An OpenVEX statement about exactly this package URL excuses a
#   vulnerability, if its status is in excluded_vex_statuses. package_types, where not empty, are all that is looked at.
#   A missing scan lists nothing.
# custom:
#   name: fixable-vulnerabilities
#   result_type: vulnerability
#   weight: 10
#   not_compliant_title: Has vulnerabilities whose fix is overdue
#   remediation: Use a newer build of the image in which the package is fixed.
#   details_order: [purl, vulnerability, severity, fixedBy, cvssScore, sla]
#   evidence: ["https://scout.docker.com/vulnerabilities/v0.1"]
#   optional: ["https://openvex.dev/ns/v0.2.0"]
package docker.scout

import rego.v1

default pass := false

pass if count(violation) == 0

violation contains {
	"message": sprintf("%v of %v has a fix and should have it within %s", [name, purl, sla]),
	"detail": {
		"purl": purl,
		"vulnerability": name,
		"severity": word,
		"fixedBy": vulnerability.fixed_by,
		"cvssScore": one_decimal(object.get(vulnerability, ["cvss", "score"], 0)),
		"sla": sla,
	},
} if {
	entry := oci.referrer("https://scout.docker.com/vulnerabilities/v0.1").statement.predicate[_]
	vulnerability := entry.vulnerabilities[_]
	purl := entry.purl
	name := vulnerability.source_id
	word := severity(vulnerability)
	vulnerability.fixed_by
	of_wanted_type(purl)
	late(vulnerability)
	not excused(name, purl)
	sla := sprintf("%v days%s", [days(vulnerability), suffix(vulnerability)])
}

# Which packages

wanted_types := object.get(data.config, "package_types", [])

of_wanted_type(_) if wanted_types in [[], {}, ""]

of_wanted_type(purl) if {
	is_string(purl)
	some [_, type] in regex.find_all_string_submatch_n(`^pkg:/*([A-Za-z][A-Za-z0-9.+-]*)/+[^/?#]`, purl, 1)
	lower(type) in wanted_types
}

# How long

slas := object.get(data.config, "slas", {"CRITICAL": 7, "HIGH": 7, "MEDIUM": 30, "LOW": 30, "UNSPECIFIED": 30})

days(vulnerability) := object.get(data.config, "kev_sla_days", 1) if vulnerability.cisa_exploited

days(vulnerability) := object.get(slas, severity(vulnerability), object.get(data.config, "default_sla_days", 30)) if {
	not vulnerability.cisa_exploited
	is_object(slas)
}

suffix(vulnerability) := " (KEV)" if vulnerability.cisa_exploited

suffix(vulnerability) := "" if not vulnerability.cisa_exploited

severity(vulnerability) := upper(word) if {
	cvss := object.get(vulnerability, "cvss", {})
	is_object(cvss)
	word := object.get(cvss, "severity", "UNSPECIFIED")
	is_string(word)
}

late(vulnerability) if object.get(vulnerability, "published_at", "") == ""

late(vulnerability) if {
	allowed := days(vulnerability)
	is_number(allowed)
	time.now_ns() - moment(vulnerability.published_at) >= allowed * 86400000000000
}

# What is no moment is undefined here and no error, whatever the function does with it.
moment(text) := time.parse_rfc3339_ns(text) if {
	is_string(text)
	regex.match(`^.{10}T([01]\d|2[0-3])(:[0-5]\d){2}(\.\d+)?(Z|[+-]([01]\d|2[0-3]):[0-5]\d)$`, text)
	some pattern in dates
	regex.match(pattern, substring(text, 0, 10))
	substring(text, 0, 4) >= "1678"
	substring(text, 0, 4) <= "2261"
}

# The days that there are, by the length of their month.
dates := {
	`^\d{4}-(0[13578]|1[02])-(0[1-9]|[12]\d|3[01])$`,
	`^\d{4}-(0[469]|11)-(0[1-9]|[12]\d|30)$`,
	`^\d{4}-02-(0[1-9]|1\d|2[0-8])$`,
	`^(\d\d(0[48]|[2468][048]|[13579][26])|([02468][048]|[13579][26])00)-02-29$`,
}

# What OpenVEX says, in the one document that is given

excused(name, purl) if {
	said := oci.referrer("https://openvex.dev/ns/v0.2.0").statement.predicate.statements[_]
	said.vulnerability.name == name
	said.status in object.get(data.config, "excluded_vex_statuses", ["not_affected", "under_investigation"])
	product := said.products[_]
	product["@id"] == purl
}

rounded(score) := round(score * 10) / 10 if is_number(score)

one_decimal(score) := sprintf("%v.0", [rounded(score)]) if {
	rounded(score) == floor(rounded(score))
} else := sprintf("%v", [rounded(score)]) if {
	is_number(score)
} else := sprintf("%v", [score])
