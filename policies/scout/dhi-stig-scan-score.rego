# METADATA
# title: The STIG scan of a FIPS image reaches its score
# description: >-
#   An image whose compliance label lists fips has a STIG scan, and no profile in it scores less than target_score (100
#   percent unless configured). A profile whose name or score cannot be read counts as good, and so does a scan of none.
# custom:
#   name: dhi-stig-scan-score
#   result_type: generic
#   weight: 10
#   not_compliant_title: The STIG score is too low, or not known
#   remediation: Use a newer build of the image, or lower target_score for this rule if you accept the open findings.
#   details_order: [predicate, score, reason]
#   evidence: []
#   optional: ["https://docker.com/dhi/stig/v0.1"]
package docker.scout

import rego.v1

scan_type := "https://docker.com/dhi/stig/v0.1"

scan := oci.referrer(scan_type)

target := object.get(data.config, "target_score", 100)

default pass := false

pass if count(violation) == 0

violation contains complaint("", "there is no STIG scan") if {
	claims_fips
	scan == null
}

violation contains complaint("", sprintf("the scan does not speak about %s", [digest])) if {
	claims_fips
	digest := input.source.image.digest
	not digest in subjects
}

violation contains complaint(shown(reached), sprintf("profile %v should reach %v percent", [name, target])) if {
	claims_fips
	profile := scan.statement.predicate[_]
	name := profile.name
	reached := percentage(profile.summary)
	reached < target
}

complaint(score, reason) := {
	"message": sprintf("%s: %s", [scan_type, reason]),
	"detail": {"predicate": scan_type, "score": score, "reason": reason},
}

claims_fips if {
	compliance := input.source.image.config.config.Labels["com.docker.dhi.compliance"]
	is_string(compliance)
	some token in split(compliance, ",")
	trim_space(token) == "fips"
}

# Empty where there is no scan, so that its absence is said twice.
subjects contains sprintf("sha256:%v", [sha256]) if sha256 := scan.statement.subject[_].digest.sha256

# To twelve decimals, as what lies behind them depends on who divides.
percentage(summary) := round((summary.defaultScore / summary.maxDefaultScore) * 1e14) / 1e12 if {
	is_number(summary.defaultScore)
	is_number(summary.maxDefaultScore)
	summary.maxDefaultScore != 0
}

# Cut and not rounded, so that nothing below the target looks like it.
shown(score) := sprintf("%v%%", [floor(score * 100) / 100])
