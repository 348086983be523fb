# METADATA
# title: Known fixes arrive in time
# description: >-
#   No vulnerability of a verified Scout scan that has a fix is older than its severity allows. A vulnerability that
#   OpenVEX documents of the image call not affected, with a reason, or under investigation does not count.
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

vex_types := {"https://openvex.dev/ns/v0.2.0", "https://openvex.dev/ns"}

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
	not excluded(finding)
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

# What OpenVEX documents say. The newest word about a vulnerability in a package counts.

excluded(finding) if {
	[package_name, version] := parts(finding.purl)
	about := claims[concat(" ", [finding.vulnerability.source_id, package_name])]
	some claim in about
	claim.excludes
	claim.version in {"", version}
	not contradicted(about, version, claim.time)
}

contradicted(about, version, time_ns) if {
	some claim in about
	not claim.excludes
	claim.version in {"", version}
	claim.time >= time_ns
}

# By vulnerability and package. Qualifiers do not count; a version, where one is said, must be the same.
claims[about] contains claim if {
	some said in words
	some purl in said.purls
	[package_name, version] := named[purl]
	about := concat(" ", [said.name, package_name])
	claim := {"version": version, "excludes": said.excludes, "time": said.time}
}

named := {purl: parts(purl) | some purl in mentioned}

mentioned := {purl | some said in words; some purl in said.purls}

words := [word |
	some type in vex_types
	some document in statements(type)
	some said in document.predicate.statements
	name := vulnerability_name(said.vulnerability)
	name in found_names
	word := {
		"name": name,
		"excludes": excludes(said),
		"time": said_at(said, document.predicate),
		"purls": packages(said),
	}
]

found_names := {finding.vulnerability.source_id | some finding in findings}

vulnerability_name(vulnerability) := vulnerability if {
	is_string(vulnerability)
} else := vulnerability.name

excluded_statuses := object.get(data.config, "excluded_vex_statuses", ["not_affected", "under_investigation"])

excludes(said) if {
	said.status in excluded_statuses
	with_reason(said)
} else := false

with_reason(said) if said.status != "not_affected"

with_reason(said) if {
	some member in ["justification", "impact_statement", "status_notes"]
	is_string(said[member])
	trim_space(said[member]) != ""
}

# A word without a time is the oldest when it excuses, and the newest when it accuses.
said_at(said, document) := time_ns if {
	time_ns := moment(said.timestamp)
} else := time_ns if {
	not "timestamp" in object.keys(said)
	time_ns := moment(document.timestamp)
} else := 0 if {
	excludes(said)
} else := 9223372036854775807

# A product is the package itself, or this image with the package as its subcomponent. Nothing means all packages.
packages(said) := identifiers(said.products) | identifiers(inside) if {
	inside := [part |
		some product in said.products
		count(product.subcomponents) > 0
		some purl in identifiers([product])
		this_image(purl)
		some part in product.subcomponents
	]
}

# Each thing has its package URL as `@id` or among its identifiers; in old documents it is one.
identifiers(things) := (of_id | of_identifiers) | plain if {
	of_id := {thing["@id"] | some thing in things}
	of_identifiers := {thing.identifiers.purl | some thing in things}
	plain := {thing | some thing in things; is_string(thing)}
}

this_image(purl) if {
	[name, version] := parts(purl)
	some product in products
	name in {sprintf("pkg:docker/%s", [product]), sprintf("pkg:oci/%s", [product])}
	version in {"", input.source.image.digest}
}

products contains input.source.image.name

products contains product if some product in data.dhiverify.image.signed.products

# Name and version, decoded, without qualifiers and subpath.
parts(purl) := [decoded(name), decoded(version)] if {
	some [_, name, version] in regex.find_all_string_submatch_n(
		`^(pkg:[^?#]+?)(?:@([^@/?#]+))?(?:[?#].*)?$`,
		purl, 1,
	)
}

decoded(text) := urlquery.decode(replace(text, "+", "%2B"))

# dhiverify hands over every verified statement about this image. Docker Scout has one per type, and its subject is
# compared here.
statements(type) := object.get(data.dhiverify.statements, type, []) if {
	data.dhiverify
} else := [found.statement] if {
	found := oci.referrer(type)
	some subject in found.statement.subject
	sprintf("sha256:%s", [subject.digest.sha256]) == input.source.image.digest
}
