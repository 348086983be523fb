# `dhi.facts` answers what was read from the STIG scans (kind `stig`), and what the image is called (`image`).
package docker.scout_test

import data.docker.scout
import rego.v1

this_image := {"source": {"image": {"digest": "sha256:abab"}}}

image(products) := {
	"signed": {"products": products, "tags": ["3.13-fips"]},
	"index": {"digest": "sha256:cdcd"},
	"config_digest": "sha256:baba",
}

# A scan with one profile, whose results name a target.
scan(contradictions, xccdf) := {"profiles": [{
	"name": "gpos",
	"contradictions": contradictions,
	"xccdf": object.union({"target": "", "target_digests": [], "target_references": []}, xccdf),
}]}

good := scan([], {})

called(products, scans) := {"stig": scans, "image": [image(products)]}

scanned(scans) := called(["dhi/python"], scans)

answer(kind) := data.given[kind]

# Whether the scans agree with themselves and the image.
met(given) if scout.pass with dhi.facts as answer with data.given as given with input as this_image

# The messages otherwise.
messages(given) := {one.message | some one in found} if {
	found := scout.violation with dhi.facts as answer with data.given as given with input as this_image
	refused := scout.pass with dhi.facts as answer with data.given as given with input as this_image
	refused == false
}

test_a_scan_that_agrees_passes if {
	met(scanned([good]))
	scout.applicable with dhi.facts as answer with data.given as scanned([good])
}

test_each_contradiction_is_named if {
	given := scanned([scan(["the summary says 100, the results 90", "no rule passed"], {})])
	count(messages(given)) == 2
	found := scout.violation with dhi.facts as answer with data.given as given with input as this_image
	{
		"message": "profile gpos: the summary says 100, the results 90",
		"detail": {"profile": "gpos", "found": "the summary says 100, the results 90"},
	} in found
}

test_one_bad_profile_of_two_fails if {
	bad := scan(["no rule passed"], {})
	every scans in [[good, bad], [bad, good], [{"profiles": array.concat(good.profiles, bad.profiles)}]] {
		messages(scanned(scans)) == {"profile gpos: no rule passed"}
	}
}

test_a_digest_of_this_image_passes if {
	met(scanned([scan([], {"target_digests": ["sha256:abab", "sha256:cdcd", "sha256:baba"]})]))
}

test_the_digest_of_another_image_is_named if {
	given := scanned([scan([], {"target_digests": ["sha256:abab", "sha256:efef"]})])
	found := scout.violation with dhi.facts as answer with data.given as given with input as this_image
	found == {{
		"message": "profile gpos is about another image: expected sha256:abab, found sha256:efef",
		"detail": {"profile": "gpos", "found": "sha256:efef"},
	}}
	not met(given)
}

test_this_image_may_be_called_by_any_of_its_names if {
	every reference in [
		"dhi/python",
		"dhi/python:3.13",
		"dhi.io/python:3.13-fips",
		"registry.example.com:5000/dhi/python:3.13",
		"docker.io/acme/dhi-python@sha256:efef",
		"docker.io/acme/dhi-python:3.13@sha256:efef",
		"localhost/scratch@sha256:abab",
		"localhost/scratch@sha256:cdcd",
	] {
		met(scanned([scan([], {"target_references": [reference]})]))
	}
}

test_the_name_of_another_image_is_named if {
	given := called(["dhi/python", "dhi/node"], [scan([], {"target_references": ["dhi/nginx:1.29", "dhi/node:24"]})])
	found := scout.violation with dhi.facts as answer with data.given as given with input as this_image
	found == {{
		"message": "profile gpos is about another image: expected dhi/node or dhi/python, found dhi/nginx:1.29",
		"detail": {"profile": "gpos", "found": "dhi/nginx:1.29"},
	}}
	not met(given)
}

test_a_name_has_to_end_like_the_product if {
	every reference in ["xdhi/python", "dhi/python/tools", "python", "dhi/python3", "dhi/nginx:python", "x@sha256:baba"] {
		count(messages(scanned([scan([], {"target_references": [reference]})]))) == 1
	}
}

test_without_a_signed_product_no_name_is_wrong if {
	met(called([], [scan([], {"target_references": ["dhi/nginx:1.29"]})]))
}

test_host_names_are_noted_and_not_judged if {
	hosts := scanned([scan([], {"target": "build-host"}), scan([], {"target": "another"}), good])
	met(hosts)
	said := scout.note with dhi.facts as answer with data.given as hosts
	said == "scanned as another, build-host"
}

test_without_a_host_name_there_is_no_note if {
	notes := [said | said := scout.note] with dhi.facts as answer with data.given as scanned([good])
	notes == []
}

test_a_profile_without_results_is_judged_by_the_rest if {
	bare := {"profiles": [{"name": "gpos", "contradictions": [], "xccdf": null}]}
	met(scanned([bare]))
}

test_without_a_scan_there_is_nothing_to_ask if {
	not scout.applicable with dhi.facts as answer with data.given as scanned([])
}
