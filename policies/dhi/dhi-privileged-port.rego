# METADATA
# title: No port needs root
# description: >-
#   An image that runs as another user than root exposes no port below 1024, which on many hosts that user may not
#   open.
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

applicable := false if count(ports) == 0

# Root may open any port; that the image runs as root is for another rule.
applicable := false if regex.match(`^(0*|root)(:|$)`, user)

violation contains {"message": sprintf("port %s is below 1024", [port]), "detail": {"port": port}} if {
	some port, _ in ports
	some [_, number] in regex.find_all_string_submatch_n(`^([0-9]{1,5})`, port, 1)
	to_number(number) < 1024
}

default ports := {}

ports := input.source.image.config.config.ExposedPorts if is_object(input.source.image.config.config.ExposedPorts)

default user := ""

user := input.source.image.config.config.User
