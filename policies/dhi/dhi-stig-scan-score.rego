# METADATA
# title: The STIG scan reaches its score
# description: >-
#   An image that claims FIPS or STIG compliance, or has a STIG scan, was scanned with OpenSCAP, and every profile of
#   every verified scan holds its XCCDF results and reaches the target score.
# custom:
#   name: dhi-stig-scan-score
#   result_type: generic
#   remediation: Use a newer build of the image, or lower target_score for this rule if you accept the open findings.
#   details_order: [profile, score, failed]
#   evidence: [stig]
package docker.scout

import rego.v1

scan_type := "https://docker.com/dhi/stig/v0.1"

default applicable := true

# Skipped only when the image says what it is, and that is neither FIPS nor STIG.
applicable := false if {
	not claimed
	not in_doubt
}

# Without a scan there is no answer.
pass := count(violation) == 0 if count(statements(scan_type)) > 0

# Charts and package images come without a scan; one that has a scan is judged like any other.
applicable := false if {
	data.dhiverify.image.artifact in {"chart", "package"}
	count(statements(scan_type)) == 0
}

claimed if {
	some token in regex.split(`[,;/\s]+`, lower(labels["com.docker.dhi.compliance"]))
	token in {"fips", "stig"}
}

claimed if {
	some tag in data.dhiverify.image.signed.tags
	"fips" in split(split(tag, "_")[0], "-")
}

claimed if count(statements(scan_type)) > 0

in_doubt if {
	not has_labels
	not has_signed_tag
}

# By a name of its own: in OPA the negation of a function holds only where its argument is defined.
has_labels if is_object(input.source.image.config.config.Labels)

has_signed_tag if some _ in data.dhiverify.image.signed.tags

violation contains {"message": "expected a list with at least one scanned profile, found none"} if {
	some statement in statements(scan_type)
	not has_profiles(statement)
}

violation contains {
	"message": sprintf("profile %s: expected a score up to a maximum of at least 1, found none that can be read", [
		name(profile),
	]),
	"detail": {"profile": name(profile), "score": null},
} if {
	some statement in statements(scan_type)
	has_profiles(statement)
	some profile in statement.predicate
	not score(profile)
}

violation contains {
	"message": sprintf("profile %s: expected its XCCDF results, found none", [name(profile)]),
	"detail": {"profile": name(profile)},
} if {
	some statement in statements(scan_type)
	has_profiles(statement)
	some profile in statement.predicate
	not has_results(profile)
}

violation contains {
	"message": sprintf("profile %s: expected a score of at least %v, found %v%s", [
		name(profile),
		target,
		score(profile),
		told(n, m),
	]),
	"detail": {"profile": name(profile), "score": score(profile), "failed": failed(n, m)},
} if {
	some n, statement in statements(scan_type)
	has_profiles(statement)
	some m, profile in statement.predicate
	score(profile) < target
}

# What dhiverify read from the results of the same profile of the same scan. Docker Scout does not look into them.
results(n, m) := data.dhiverify.stig[n].profiles[m].xccdf

failed(n, m) := [sprintf("%s: %s", [entry.rule, entry.title]) | some entry in results(n, m).failed]

told(n, m) := sprintf("; %d rules failed: %s", [
	results(n, m).failing,
	concat(", ", [entry.rule | some entry in results(n, m).failed]),
]) if {
	results(n, m).failing > 0
} else := ""

target := object.get(data.config, "target_score", 100)

has_profiles(statement) if {
	is_array(statement.predicate)
	count(statement.predicate) > 0
}

# A summary alone is a claim that nobody can look into.
has_results(profile) if {
	is_array(profile.output)
	some output in profile.output
	output.format == "xccdf"
	is_string(output.content)
	output.content != ""
}

# OpenSCAP's weighted default score as a percentage of its maximum.
# Both ends are bounded, as floating point makes any score full near its limits.
score(profile) := (reached * 100) / most if {
	reached := profile.summary.defaultScore
	most := profile.summary.maxDefaultScore
	is_number(reached)
	is_number(most)
	most >= 1
	most <= 1000000
	reached >= 0
	reached <= most
}

name(profile) := profile.name if {
	is_string(profile.name)
} else := "without a name"

default labels := {}

labels := input.source.image.config.config.Labels if is_object(input.source.image.config.config.Labels)

# dhiverify hands over every verified statement about this image. Docker Scout has one per type, and its subject is
# compared here.
statements(type) := object.get(data.dhiverify.statements, type, []) if {
	data.dhiverify
} else := [found.statement] if {
	found := oci.referrer(type)
	some subject in found.statement.subject
	sprintf("sha256:%s", [subject.digest.sha256]) == input.source.image.digest
}
