# Which user an image has stands in its configuration; what was signed about the image may excuse root.
package docker.scout_test

import data.docker.scout
import rego.v1

running_as(user) := image("dhi/python", {"User": user})

image(name, config) := {"source": {"image": {"name": name, "config": {"config": config}}}}

# What is known of an ordinary image. Docker Scout has no `data.dhiverify`, as in the tests that set it to false.
plain := {
	"artifact": "image",
	"index": {"signed": false, "annotations": {}},
	"manifest_annotations": {},
	"signed": {"products": ["dhi/python"], "tags": ["3.13"]},
}

known(facts) := {"image": object.union(plain, facts)}

test_another_user_passes if {
	every user in ["65532", "nonroot", "65532:0", "2147483647"] {
		scout.pass with input as running_as(user) with data.dhiverify as known({})
	}
}

test_root_is_refused_however_it_is_written if {
	every user in ["", "root", "0", "000", "+0", "-1", " 0 ", "0:65532", "root:root", ":65532", 0, null] {
		scout.pass == false with input as running_as(user) with data.dhiverify as known({})
	}
}

test_a_number_that_may_wrap_around_to_root_is_refused if {
	every user in ["2147483648", "4294967296", "04294967296", "10000000000"] {
		scout.pass == false with input as running_as(user) with data.dhiverify as known({})
	}
}

test_an_image_without_configuration_runs_as_root if {
	bare := {"source": {"image": {"name": "dhi/python", "config": {}}}}
	scout.pass == false with input as bare with data.dhiverify as known({})
}

test_the_message_names_the_user if {
	found := scout.violation with input as running_as("0:0") with data.dhiverify as known({})
	found == {{
		"message": "expected a user other than root, found 0:0",
		"detail": {"user": "0:0", "explicit": true},
	}}
}

test_a_user_that_is_not_stated_is_called_so if {
	found := scout.violation with input as running_as("") with data.dhiverify as known({})
	found == {{
		"message": "expected a user other than root, found none, which means root",
		"detail": {"user": "", "explicit": false},
	}}
}

test_a_note_says_what_is_not_looked_at if {
	said := scout.note with input as running_as("nonroot") with data.dhiverify as known({})
	said == "runs as nonroot; the uid behind a name lies in a layer"
}

test_a_variant_by_label_and_signed_tag_may_be_root if {
	every token in ["dev", "sdk"] {
		facts := known({"signed": {"products": ["dhi/python"], "tags": [sprintf("3.13-%s_acme-tools", [token])]}})
		dev := labelled(sprintf("3.13.1-debian13-%s", [token]))
		scout.pass with input as dev with data.dhiverify as facts
	}
}

test_the_exemption_is_told if {
	facts := known({"signed": {"products": ["dhi/python"], "tags": ["3.13-dev"]}})
	said := scout.note with input as labelled("3.13.1-dev") with data.dhiverify as facts
	said == "runs as root, which is right for a dev variant"
}

test_a_label_alone_proves_no_variant if {
	scout.pass == false with input as labelled("3.13.1-dev") with data.dhiverify as known({})
}

test_a_signed_tag_alone_makes_no_variant if {
	facts := known({"signed": {"products": ["dhi/python"], "tags": ["3.13-dev"]}})
	scout.pass == false with input as labelled("3.13.1") with data.dhiverify as facts
}

test_the_suffix_of_a_customised_image_is_no_variant if {
	facts := known({"signed": {"products": ["dhi/python"], "tags": ["3.13_acme-dev"]}})
	scout.pass == false with input as labelled("3.13.1-dev") with data.dhiverify as facts
}

test_a_signed_package_may_be_root if {
	facts := known({"signed": {"products": ["dhi/pkg-zlib"], "tags": []}})
	scout.pass with input as image("dhi/pkg-zlib", {}) with data.dhiverify as facts
	scout.pass with input as running_as("") with data.dhiverify as known({"artifact": "package"})
}

test_the_name_of_a_package_has_to_be_signed if {
	scout.pass == false with input as image("dhi/pkg-zlib", {}) with data.dhiverify as known({})
}

test_a_signed_declaration_excuses_root if {
	needed := {"com.docker.dhi.runtime-root-required": "true"}
	every facts in [{"manifest_annotations": needed}, {"index": {"signed": true, "annotations": needed}}] {
		scout.pass with input as running_as("root") with data.dhiverify as known(facts)
	}
}

test_other_declarations_excuse_nothing if {
	needed := {"com.docker.dhi.runtime-root-required": "true"}
	denied := {"com.docker.dhi.runtime-root-required": "false"}
	every facts in [
		{"manifest_annotations": denied},
		{"index": {"signed": true, "annotations": denied}},
		{"index": {"signed": false, "annotations": needed}},
	] {
		scout.pass == false with input as running_as("root") with data.dhiverify as known(facts)
	}
}

test_a_chart_is_not_asked if {
	not scout.applicable with input as running_as("") with data.dhiverify as known({"artifact": "chart"})
	count(scout.violation) == 0 with input as running_as("") with data.dhiverify as known({"artifact": "chart"})
	scout.applicable with input as running_as("") with data.dhiverify as known({})
}

test_docker_scout_knows_a_chart_by_its_configuration if {
	chart := {"source": {"image": {"config": {"apiVersion": "v2", "name": "redis"}}}}
	not scout.applicable with input as chart with data.dhiverify as false
}

test_an_image_that_calls_itself_a_chart_is_asked if {
	every member in ["architecture", "config", "os", "rootfs"] {
		image_too := {"source": {"image": {"config": {"apiVersion": "v2", member: "there"}}}}
		scout.applicable with input as image_too with data.dhiverify as false
	}
	empty := {"source": {"image": {"config": {}}}}
	scout.applicable with input as empty with data.dhiverify as false
}

# Here it is known what was published, and which tags are signed.
test_configuration_and_subject_are_not_asked_here if {
	chart := {"source": {"image": {"config": {"apiVersion": "v2", "name": "redis"}}}}
	scout.applicable with input as chart with data.dhiverify as known({})
	scout.pass == false with input as labelled("3.13.1-dev") with oci.referrer as about("pkg:docker/dhi/python@3.13-dev")
		with data.dhiverify as known({})
}

test_docker_scout_finds_the_tag_in_the_subject if {
	scout.pass with input as labelled("3.13.1-dev") with oci.referrer as about("pkg:docker/dhi/python@3.13-dev?platform=a")
		with data.dhiverify as false
}

test_docker_scout_needs_a_tag_that_says_so_too if {
	scout.pass == false with input as labelled("3.13.1-dev") with oci.referrer as about("pkg:docker/dhi/python@3.13")
		with data.dhiverify as false
}

test_docker_scout_knows_a_package_by_its_name if {
	scout.pass with input as image("dhi/pkg-zlib", {}) with oci.referrer as null with data.dhiverify as false
}

labelled(version) := image("dhi/python", {"Labels": {"com.docker.dhi.version": version}})

about(name) := {"statement": {"subject": [{"name": name}]}}
