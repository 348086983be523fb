# METADATA
# title: The image does not run as root by default
# description: >-
#   The configured user is not root: not by name, not as uid 0 in any spelling, not by leaving it out. Development and
#   SDK variants, packages, and images that a signed manifest declares to need root are exempt. Which uid a user name
#   stands for lies in a layer and is not looked at.
# custom:
#   name: dhi-default-non-root-user
#   result_type: boolean
#   remediation: Use the runtime variant of the image, or set USER to a name or uid other than root.
#   details_order: [user, explicit]
#   evidence: []
package docker.scout

import rego.v1

default pass := false

pass if count(violation) == 0

default applicable := true

applicable := false if is_chart

violation contains {
	"message": sprintf("expected a user other than root, found %s", [shown]),
	"detail": {"user": user, "explicit": user != ""},
} if {
	is_root
	not exempt
	not is_chart
}

note := sprintf("runs as root, which is right for %s", [concat(" and ", exemptions)]) if is_root

note := sprintf("runs as %v; the uid behind a name lies in a layer", [user]) if not is_root

default user := ""

user := input.source.image.config.config.User

shown := "none, which means root" if user == ""

shown := sprintf("%v", [user]) if user != ""

is_root if not is_string(user)

# Signs, leading zeros and white space are what runtimes have been seen to forgive.
is_root if regex.match(`^\s*([+-].*|0*|root)\s*$`, user_name)

# Beyond 31 bits a runtime may wrap around to 0 (CVE-2024-40635).
is_root if {
	regex.match(`^0*[1-9][0-9]*$`, user_name)
	to_number(trim_left(user_name, "0")) > 2147483647
}

user_name := split(user, ":")[0] if is_string(user)

exempt if some _ in exemptions

# A label says which variant the image claims to be; only a signed tag proves it.
exemptions contains sprintf("a %s variant", [token]) if {
	some token in {"dev", "sdk"}
	token in tokens(labels["com.docker.dhi.version"])
	some tag in signed_tags
	token in tokens(tag)
}

exemptions contains "a package" if {
	startswith(input.source.image.name, "dhi/pkg-")
	signed_product
}

exemptions contains "a package" if data.dhiverify.image.artifact == "package"

exemptions contains "an image whose manifest says that it needs root" if {
	needs_root(data.dhiverify.image.manifest_annotations)
}

exemptions contains "an image whose signed index says that it needs root" if {
	needs_root(data.dhiverify.image.index.annotations)
	data.dhiverify.image.index.signed
}

needs_root(annotations) if annotations["com.docker.dhi.runtime-root-required"] == "true"

# The words of a tag: VERSION-WORD-WORD…, without the suffix that a customised image adds after an underscore.
tokens(tag) := {token | some token in split(split(tag, "_")[0], "-")}

default labels := {}

labels := input.source.image.config.config.Labels if is_object(input.source.image.config.config.Labels)

signed_tags contains tag if some tag in data.dhiverify.image.signed.tags

signed_tags contains tag if {
	not data.dhiverify
	some subject in oci.referrer("https://spdx.dev/Document").statement.subject
	some [_, tag] in regex.find_all_string_submatch_n(`^pkg:docker/[^@]+@([^?&#]+)`, subject.name, 1)
}

# A chart runs nothing by itself. Docker Scout shows it by its configuration, which has nothing that an image must have.
is_chart if data.dhiverify.image.artifact == "chart"

is_chart if {
	not data.dhiverify
	is_string(input.source.image.config.apiVersion)
	every member in {"architecture", "config", "os", "rootfs"} {
		not member in object.keys(input.source.image.config)
	}
}

signed_product if input.source.image.name in data.dhiverify.image.signed.products

signed_product if not data.dhiverify
