# `dhi.facts` answers whether the index is signed (kind `image`), and what was signed for each platform (`platforms`).
package docker.scout_test

import data.docker.scout
import rego.v1

platform(name, tags, definition) := {"platform": name, "tags": tags, "definition": definition}

amd64 := platform("linux/amd64", ["3.13", "3.13.1"], "image/python/debian-13/3.13.yaml")

arm64 := platform("linux/arm64", ["3.13"], "image/python/debian-13/3.13.yaml")

facts(index, platforms) := {"image": [{"index": index}], "platforms": platforms}

unsigned(platforms) := facts({"signed": false}, platforms)

test_platforms_of_one_tag_and_definition_pass if {
	found := unsigned([amd64, arm64])
	scout.pass with dhi.facts as answer with data.given as found
	scout.applicable with dhi.facts as answer with data.given as found
}

test_platforms_of_two_tags_fail if {
	given := unsigned([amd64, arm64, platform("linux/s390x", [], amd64.definition)])
	found := scout.violation with dhi.facts as answer with data.given as given
	found == {{
		"message": concat("", [
			"expected one signed tag that all platforms share, ",
			"found linux/amd64: 3.13, 3.13.1; linux/arm64: 3.13; linux/s390x: none",
		]),
		"detail": {"platforms": ["linux/amd64", "linux/arm64", "linux/s390x"]},
	}}
}

test_platforms_of_two_definitions_fail if {
	other := object.union(arm64, {"definition": "image/python/alpine-3.22/3.13.yaml"})
	found := scout.violation with dhi.facts as answer with data.given as unsigned([amd64, other])
	found == {{
		"message": concat("", [
			"expected one definition for all platforms, found ",
			"image/python/alpine-3.22/3.13.yaml, image/python/debian-13/3.13.yaml",
		]),
		"detail": {"definitions": {amd64.definition, other.definition}},
	}}
}

test_either_fault_refuses if {
	every change in [{"tags": ["3.12"]}, {"definition": "image/python/alpine-3.22/3.13.yaml"}] {
		scout.pass == false with dhi.facts as answer with data.given as unsigned([amd64, object.union(arm64, change)])
	}
}

test_a_signed_index_says_so_itself if {
	not scout.applicable with dhi.facts as answer with data.given as facts({"signed": true}, [amd64, arm64])
}

test_one_platform_agrees_with_itself if {
	not scout.applicable with dhi.facts as answer with data.given as unsigned([amd64])
}

answer(kind) := data.given[kind]
