# `dhi.facts` answers what was signed about the image; what it says of itself stands in the labels.
package docker.scout_test

import data.docker.scout
import rego.v1

signed(tags) := [{"signed": {"products": ["dhi/python"], "tags": tags}}]

labelled(labels) := {"source": {"image": {"config": {"config": {"Labels": labels}}}}}

versioned(version) := labelled({"com.docker.dhi.name": "dhi/python", "com.docker.dhi.version": version})

test_one_variant_passes if {
	every version, tag in {
		"3.13.1-debian13": "3.13",
		"3.13.1-debian13-dev": "3.13-dev",
		"3.13.1-sdk": "3.13-alpine3.22-sdk",
		"3.13.1-debian13-fips": "3.13-fips",
		"3.13.1-fips-dev": "3.13-debian13-dev-fips",
	} {
		scout.applicable with input as versioned(version) with dhi.facts as signed([tag])
		scout.pass with input as versioned(version) with dhi.facts as signed([tag])
	}
}

test_one_signed_tag_that_agrees_is_enough if {
	scout.pass with input as versioned("3.13.1-dev") with dhi.facts as signed(["3.13", "3.13-dev"])
}

test_another_variant_is_refused if {
	every version, tag in {
		"3.13.1": "3.13-dev",
		"3.13.1-dev": "3.13",
		"3.13.1-debian13-sdk": "3.13-dev",
		"3.13.1-fips": "3.13-fips-dev",
		"3.13.1-fips-dev": "3.13-dev",
	} {
		scout.pass == false with input as versioned(version) with dhi.facts as signed([tag])
	}
}

test_label_and_tags_are_named if {
	found := scout.violation with input as versioned("3.13.1-dev") with dhi.facts as signed(["3", "3.13"])
	found == {{
		"message": "the label says 3.13.1-dev, the signed tags are 3, 3.13",
		"detail": {"label": "3.13.1-dev", "signed": ["3", "3.13"]},
	}}
}

test_the_suffix_of_a_customised_image_is_no_variant if {
	scout.pass == false with input as versioned("3.13.1-dev") with dhi.facts as signed(["3.13_acme-dev"])
	scout.pass with input as versioned("3.13.1-dev") with dhi.facts as signed(["3.13-dev_acme-fips"])
}

test_a_variant_is_a_word_of_its_own if {
	scout.pass with input as versioned("3.13.1-develop") with dhi.facts as signed(["3.13"])
}

test_without_a_version_there_is_nothing_to_ask if {
	every labels in [{"com.docker.dhi.name": "dhi/python"}, null] {
		not scout.applicable with input as labelled(labels) with dhi.facts as signed(["3.13"])
	}
}

test_without_a_signed_tag_there_is_nothing_to_ask if {
	not scout.applicable with input as versioned("3.13.1") with dhi.facts as signed([])
}

test_an_image_built_on_a_hardened_one_is_not_asked if {
	inherited := labelled({"com.docker.dhi.name": "dhi/node", "com.docker.dhi.version": "24-dev"})
	unnamed := labelled({"com.docker.dhi.version": "24-dev"})
	not scout.applicable with input as inherited with dhi.facts as signed(["3.13"])
	not scout.applicable with input as unnamed with dhi.facts as signed(["3.13"])
}
