# METADATA
# title: A user other than root is configured
# description: >-
#   The configuration names a user, and its name is not root. Any other text counts as another user, the uid 0 included.
#   Images whose version label ends in -dev or holds -sdk- are exempt, and so are packages (dhi/pkg-NAME).
# custom:
#   name: dhi-default-non-root-user
#   result_type: boolean
#   weight: 10
#   not_compliant_title: Runs as root by default
#   remediation: Use the runtime variant of the image, or set USER to a name other than root.
#   details_order: [user, explicit]
#   evidence: []
package docker.scout

import rego.v1

default pass := false

pass if count(violation) == 0

violation contains {
	"message": sprintf("expected a user other than root, found %s", [found[explicit]]),
	"detail": {"user": "root", "explicit": explicit},
} if {
	some explicit in root
	not exempt
}

found := {true: "root", false: "none, which means root"}

# Whether root is stated (true) or what follows from silence (false); empty for any other user.
root contains true if input.source.image.config.config.User == "root"

root contains false if not input.source.image.config.config.User

version := input.source.image.config.config.Labels["com.docker.dhi.version"]

exempt if {
	is_string(version)
	endswith(version, "-dev")
}

exempt if {
	is_string(version)
	contains(version, "-sdk-")
}

exempt if {
	is_string(input.source.image.name)
	startswith(input.source.image.name, "dhi/pkg-")
}
