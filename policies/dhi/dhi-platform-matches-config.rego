# METADATA
# title: The image is for the platform that the index says
# description: >-
#   A runtime chooses an image by the platform in the index, which need not be signed. The image's own configuration
#   must say the same.
# custom:
#   name: dhi-platform-matches-config
#   requires: dhiverify
#   waivable: false
#   result_type: boolean
#   remediation: Copy the image again from the publisher; its index lists an image under a wrong platform.
#   details_order: [index, config]
#   evidence: []
package docker.scout

import rego.v1

default pass := false

pass if image.descriptor_platform == image.config_platform

default applicable := true

# A single image is asked for by itself, not by its platform.
applicable := false if image.is_single

# A chart is for no platform, whatever an index says of it.
applicable := false if image.artifact == "chart"

violation contains {
	"message": sprintf("expected %s as in the configuration, the index says %s", [image.config_platform, announced]),
	"detail": {"index": image.descriptor_platform, "config": image.config_platform},
} if image.descriptor_platform != image.config_platform

announced := image.descriptor_platform if {
	image.descriptor_platform != ""
} else := "nothing"

image := dhi.facts("image")[0]
