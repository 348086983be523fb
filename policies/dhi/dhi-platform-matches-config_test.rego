# `dhi.facts` answers what the index and the configuration say of the platform.
package docker.scout_test

import data.docker.scout
import rego.v1

image := {
	"descriptor_platform": "linux/arm64",
	"config_platform": "linux/arm64",
	"is_single": false,
	"artifact": "image",
}

announced(platform) := object.union(image, {"descriptor_platform": platform})

test_one_platform_passes if {
	scout.applicable with dhi.facts as [image]
	scout.pass with dhi.facts as [image]
	count(scout.violation) == 0 with dhi.facts as [image]
}

test_another_platform_is_refused if {
	scout.pass == false with dhi.facts as [announced("linux/amd64")]
	found := scout.violation with dhi.facts as [announced("linux/amd64")]
	found == {{
		"message": "expected linux/arm64 as in the configuration, the index says linux/amd64",
		"detail": {"index": "linux/amd64", "config": "linux/arm64"},
	}}
}

test_an_index_that_says_nothing_is_refused if {
	scout.pass == false with dhi.facts as [announced("")]
	messages := {one.message | some one in scout.violation} with dhi.facts as [announced("")]
	messages == {"expected linux/arm64 as in the configuration, the index says nothing"}
}

test_a_single_image_is_not_asked if {
	not scout.applicable with dhi.facts as [object.union(image, {"is_single": true})]
}

test_a_chart_is_not_asked if {
	not scout.applicable with dhi.facts as [object.union(image, {"artifact": "chart"})]
}
