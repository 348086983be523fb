# METADATA
# title: The image has not reached its end of life
# description: The image's own end-of-life date, a label of its configuration, lies in the future.
# custom:
#   name: dhi-end-of-life
#   requires: dhiverify
#   effect: warn
#   result_type: generic
#   remediation: Move to a release that is still maintained.
#   details_order: [date]
#   evidence: []
package docker.scout

import rego.v1

default pass := false

pass if count(violation) == 0

default applicable := true

applicable := false if object.get(labels, "com.docker.dhi.date.end-of-life", "") == ""

date := labels["com.docker.dhi.date.end-of-life"]

violation contains {
	"message": sprintf("the image reached its end of life on %s", [date]),
	"detail": {"date": date},
} if {
	time.now_ns() >= time.parse_rfc3339_ns(sprintf("%sT00:00:00Z", [substring(date, 0, 10)]))
}

violation contains {
	"message": sprintf("expected a date of end of life, found %s", [date]),
	"detail": {"date": date},
} if {
	not regex.match(`^[0-9]{4}-[0-9]{2}-[0-9]{2}(T.*)?$`, date)
}

default labels := {}

labels := input.source.image.config.config.Labels if is_object(input.source.image.config.config.Labels)
