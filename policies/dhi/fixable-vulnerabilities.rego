# METADATA
# title: Known fixes arrive in time
# description: >-
#   No vulnerability of a verified Scout scan that has a fix is older than its severity allows. One that verified
#   OpenVEX documents call not affected, with a justification, or fixed does not count, unless another of them disagrees.
# custom:
#   name: fixable-vulnerabilities
#   result_type: vulnerability
#   weight: 10
#   remediation: Use a newer build of the image in which the package is fixed.
#   details_order: [purl, vulnerability, severity, fixedBy, cvssScore, sla]
#   evidence: ["https://scout.docker.com/vulnerabilities/v0.1"]
#   optional: [vex]
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
	"message": sprintf("%s of %s has a fix (%v) and should have it within %s", [
		vulnerability.source_id,
		finding.purl,
		vulnerability.fixed_by,
		allowed(vulnerability),
	]),
	"detail": {
		"purl": finding.purl,
		"vulnerability": vulnerability.source_id,
		"severity": object.get(vulnerability, ["cvss", "severity"], "UNSPECIFIED"),
		"fixedBy": vulnerability.fixed_by,
		"cvssScore": object.get(vulnerability, ["cvss", "score"], 0),
		"sla": allowed(vulnerability),
	},
} if {
	some finding in findings
	vulnerability := finding.vulnerability
	vulnerability.fixed_by != false
	not of_other_type(finding.purl)
	not in_time(vulnerability)
	not excused(finding)
}

well_formed(statement) if {
	is_array(statement.predicate)
	every entry in statement.predicate {
		is_string(entry.purl)
		is_array(entry.vulnerabilities)
		every vulnerability in entry.vulnerabilities {
			is_string(vulnerability.source_id)
			is_object(object.get(vulnerability, "cvss", {}))
		}
	}
}

findings contains {"purl": entry.purl, "vulnerability": vulnerability} if {
	some statement in statements(scan_type)
	well_formed(statement)
	some entry in statement.predicate
	some vulnerability in entry.vulnerabilities
}

of_other_type(purl) if {
	wanted := object.get(data.config, "package_types", [])
	count(wanted) > 0
	not scout.parse_purl(purl).type in wanted
}

# Time allowed, in days

day := ((24 * 60) * 60) * 1000000000

slas := object.get(data.config, "slas", {"CRITICAL": 7, "HIGH": 7, "MEDIUM": 30, "LOW": 30, "UNSPECIFIED": 30})

days(vulnerability) := object.get(data.config, "kev_sla_days", 1) if {
	exploited(vulnerability)
} else := object.get(slas, severity(vulnerability), object.get(data.config, "default_sla_days", 30))

allowed(vulnerability) := sprintf("%v days%s", [days(vulnerability), suffix(vulnerability)])

suffix(vulnerability) := " (KEV)" if {
	exploited(vulnerability)
} else := ""

exploited(vulnerability) if not object.get(vulnerability, "cisa_exploited", false) in {false, null}

# What nobody can read is taken as the worst.
severity(vulnerability) := word if {
	word := canonical[upper(trim_space(object.get(vulnerability, ["cvss", "severity"], "")))]
} else := "CRITICAL"

canonical := {
	"CRITICAL": "CRITICAL",
	"HIGH": "HIGH",
	"IMPORTANT": "HIGH",
	"MEDIUM": "MEDIUM",
	"MODERATE": "MEDIUM",
	"LOW": "LOW",
	"NEGLIGIBLE": "LOW",
	"NONE": "LOW",
	"": "UNSPECIFIED",
	"UNKNOWN": "UNSPECIFIED",
	"UNSPECIFIED": "UNSPECIFIED",
}

# A missing, unreadable or future date of publication is no excuse.
in_time(vulnerability) if {
	age := time.now_ns() - moment(vulnerability.published_at)
	age > 0 - day
	age < days(vulnerability) * day
}

moment(text) := time.parse_rfc3339_ns(text) if {
	is_string(text)

	# What this lets through and the function cannot read raises: no answer, never a pass.
	regex.match(
		`^(19[7-9]|2[01]\d)\d-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])T([01]\d|2[0-3])(:[0-5]\d){2}(\.\d+)?(Z|[+-]\d\d:\d\d)$`,
		text,
	)
}

# What OpenVEX documents excuse. dhiverify has compared them with each finding; `docs/vex.md` says how.

excused(finding) if [finding.purl, finding.vulnerability.source_id] in suppressed

suppressed contains [one.purl, one.vulnerability] if {
	some one in data.dhiverify.suppressions
	one.suppressed
	one.status in statuses
}

# Docker Scout hands over one document as it is. What it says about this very package URL counts there, while no other
# statement of it says something else.
suppressed contains about if {
	not data.dhiverify
	some about in said_as(statuses)
	not about in said_as({"affected", "not_affected", "fixed", "under_investigation"} - statuses)
}

said_as(wanted) := {[product["@id"], said.vulnerability.name] |
	some document in statements("https://openvex.dev/ns/v0.2.0")
	some said in document.predicate.statements
	said.status in wanted
	with_reason(said)
	some product in said.products
}

with_reason(said) if said.status != "not_affected"

with_reason(said) if said.justification != ""

# The configuration may narrow this, and never widen it.
statuses := {"not_affected", "fixed"} & {status |
	some status in object.get(data.config, "excluded_vex_statuses", ["not_affected", "fixed"])
}

note := sprintf("excused by OpenVEX documents: %d", [count(found)]) if {
	found := {[finding.purl, finding.vulnerability.source_id] | some finding in findings; excused(finding)}
	count(found) > 0
}

# dhiverify hands over every verified statement about this image. Docker Scout has one per type, and its subject is
# compared here.
statements(type) := object.get(data.dhiverify.statements, type, []) if {
	data.dhiverify
} else := [found.statement] if {
	found := oci.referrer(type)
	some subject in found.statement.subject
	sprintf("sha256:%s", [subject.digest.sha256]) == input.source.image.digest
}
