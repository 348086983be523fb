# METADATA
# title: No port needs root
# description: >-
#   An image that runs as another user than root exposes no port below 1024, which on many hosts that user may not
#   open. A port is a number up to 65535, with or without a protocol; one that cannot be read counts as one that needs
#   root.
# custom:
#   name: dhi-privileged-port
#   requires: dhiverify
#   effect: warn
#   result_type: generic
#   remediation: Let the application listen on a port from 1024 on, and map it where it is published.
#   details_order: [port]
#   evidence: []
package docker.scout

import rego.v1

default pass := false

pass if count(violation) == 0

default applicable := true

applicable := false if exposed in [null, {}]

# A chart runs nothing by itself.
applicable := false if dhi.facts("image")[0].artifact == "chart"

# Root may open any port; that the image runs as root is for another rule.
applicable := false if regex.match(`^(0*|root)(:|$)`, user)

violation contains {"message": sprintf("port %s is below 1024", [port]), "detail": {"port": port}} if {
	is_object(exposed)
	some port, _ in exposed
	number(port) < 1024
}

violation contains {
	"message": sprintf("port %s cannot be read: expected a number with or without tcp, udp or sctp, as 8080/tcp", [port]),
	"detail": {"port": port},
} if {
	is_object(exposed)
	some port, _ in exposed
	not number(port)
}

violation contains {"message": "the exposed ports cannot be read: expected an object", "detail": {"port": ""}} if {
	not is_object(exposed)
}

# Without leading zeros, which are no sign of another base here.
number(port) := found if {
	some [_, digits] in regex.find_all_string_submatch_n(`^0*([0-9]{1,5})(?:/(?:tcp|udp|sctp))?$`, port, 1)
	found := to_number(digits)
	found < 65536
}

default exposed := null

exposed := input.source.image.config.config.ExposedPorts

default user := ""

user := input.source.image.config.config.User
