# METADATA
# title: Built on hardened images only
# description: >-
#   Every verified SLSA provenance of this image (v0.2 or v1) names the images that the build used, each by one digest.
#   All of them are in the repositories `bases`, but for build tools, which are in `tools`; at least one is a base.
#   BuildKit's provenance does not say which of them stands behind the last FROM, so each of them has to be approved.
#   This is what the builder says, as far as whoever signed it is believed. The base itself is not looked at here.
# custom:
#   name: base-is-hardened
#   requires: dhiverify
#   result_type: generic
#   remediation: >-
#     Build on one of the approved images with `docker buildx build --provenance=mode=max`, or have the repository added
#     to `bases` in the policy.
#   details_order: [image, digests]
#   evidence: [provenance]
package docker.scout

import rego.v1

# Without provenance there is no answer.
pass := count(violation) == 0 if count(builds) > 0

# The next step is to verify these.
note := sprintf("built on %s", [concat(", ", {pinned |
	some images in builds
	some image in images
	approved(image.name, bases)
	pinned := sprintf("%s@%s", [image.name, image.digests[0]])
})])

violation contains {
	"message": sprintf("expected one of the approved bases among the images of the build, found %s", [shown(images)]),
	"detail": {"image": shown(images)},
} if {
	some images in builds
	count([image | some image in images; approved(image.name, bases)]) == 0
}

violation contains {
	"message": sprintf("the build used %s, which is neither an approved base nor a build tool", [image.name]),
	"detail": {"image": image.name, "digests": image.digests},
} if {
	some images in builds
	some image in images
	not approved(image.name, bases)
	not approved(image.name, tools)
}

violation contains {
	"message": sprintf("expected %s by one digest, found %s", [image.name, listed(image.digests)]),
	"detail": {"image": image.name, "digests": image.digests},
} if {
	some images in builds
	some image in images
	not is_pinned(image)
}

is_pinned(image) if {
	count(image.digests) == 1
	regex.match(`^sha256:[0-9a-f]{64}$`, image.digests[0])
}

# Patterns are repositories with their host; `*` stands for any text without a slash.
bases := object.get(data.config, "bases", [])

tools := object.get(data.config, "tools", [])

approved(name, patterns) if {
	some pattern in patterns
	glob.match(pattern, ["/"], name)
}

# The images of each verified provenance: one that names none is there with an empty list.
builds contains images if {
	some type, path in inputs_of_a_build
	some statement in object.get(data.dhiverify.statements, type, [])
	images := images_among(object.get(statement, path, []))
}

inputs_of_a_build := {
	"https://slsa.dev/provenance/v0.2": ["predicate", "materials"],
	"https://slsa.dev/provenance/v1": ["predicate", "buildDefinition", "resolvedDependencies"],
}

# BuildKit writes images as package URLs: pkg:docker/dhi.io/python@3.13?digest=sha256:…&platform=linux%2Famd64
images_among(used) := [image |
	some item in used
	regex.match(`^(?i)pkg:(docker|oci)/`, item.uri)
	purl := scout.parse_purl(item.uri)
	image := {"name": repository(purl), "digests": digests(item, purl)}
]

# From an image layout on the builder's disk, which is in no repository.
repository(purl) := sprintf("pkg:oci/%s", [named(purl)]) if {
	purl.type == "oci"
} else := sprintf("%s/%s", [purl.qualifiers.repository_url, named(purl)]) if {
	purl.qualifiers.repository_url
} else := named(purl) if {
	names_a_host(named(purl))
} else := sprintf("docker.io/%s", [named(purl)]) if {
	purl.namespace != ""
} else := sprintf("docker.io/library/%s", [named(purl)])

named(purl) := concat("/", [part | some part in [purl.namespace, purl.name]; part != ""])

names_a_host(name) if regex.match(`^([^/]*[.:][^/]*|localhost)/`, name)

# The set of digests says it, and the package URL too if the Dockerfile does.
digests(item, purl) := sort({digest |
	some digest in [
		sprintf("sha256:%s", [object.get(item, ["digest", "sha256"], "")]),
		object.get(purl.qualifiers, "digest", ""),
	]
	not digest in {"", "sha256:"}
})

shown(images) := listed({image.name | some image in images})

listed(texts) := concat(", ", texts) if {
	count(texts) > 0
} else := "none"
