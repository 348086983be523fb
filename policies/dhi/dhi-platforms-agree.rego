# METADATA
# title: All platforms are of one tag and one definition
# description: >-
#   An index without a trusted signature could join genuine images of different tags or ages. Its platforms must share
#   at least one signed tag, and be built from one definition.
# custom:
#   name: dhi-platforms-agree
#   requires: dhiverify
#   result_type: boolean
#   remediation: Copy the whole image again from the publisher, or name the one platform that you need (--platform).
#   details_order: [platforms, definitions]
#   evidence: []
package docker.scout

import rego.v1

default pass := false

pass if count(violation) == 0

default applicable := true

applicable := false if dhi.facts("image")[0].index.signed

applicable := false if count(platforms) < 2

platforms := dhi.facts("platforms")

violation contains {
	"message": sprintf("expected one signed tag that all platforms share, found %s", [concat("; ", tags)]),
	"detail": {"platforms": [platform.platform | some platform in platforms]},
} if count(intersection({{tag | some tag in platform.tags} | some platform in platforms})) == 0

violation contains {
	"message": sprintf("expected one definition for all platforms, found %s", [concat(", ", definitions)]),
	"detail": {"definitions": definitions},
} if count(definitions) != 1

definitions := {platform.definition | some platform in platforms}

tags := [text |
	some platform in platforms
	text := sprintf("%s: %s", [platform.platform, shown(platform.tags)])
]

shown(names) := concat(", ", names) if {
	count(names) > 0
} else := "none"
