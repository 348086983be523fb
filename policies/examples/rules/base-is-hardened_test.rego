package docker.scout_test

import data.docker.scout
import rego.v1

config := {
	"bases": ["dhi.io/*", "docker.io/acme/dhi-*"],
	"tools": ["docker.io/docker/dockerfile"],
}

digest := "abababababababababababababababababababababababababababababababab"

pinned(uri) := {"uri": uri, "digest": {"sha256": digest}}

python := pinned("pkg:docker/dhi.io/python@3.13?platform=linux%2Famd64")

# Verified provenance in the older and in the newer form.
slsa_02(materials) := {"https://slsa.dev/provenance/v0.2": [{"predicate": {"materials": materials}}]}

slsa_1(dependencies) := {"https://slsa.dev/provenance/v1": [{"predicate": {"buildDefinition": {"resolvedDependencies": dependencies}}}]}

test_a_hardened_base_passes_in_both_forms if {
	every statements in [slsa_02([python]), slsa_1([python])] {
		scout.pass with data.dhiverify.statements as statements with data.config as config
	}
}

test_the_base_is_named_when_it_passes if {
	said := scout.note with data.dhiverify.statements as slsa_02([python]) with data.config as config
	said == sprintf("built on dhi.io/python@sha256:%s", [digest])
}

test_sources_and_build_tools_are_no_bases if {
	used := [python, pinned("pkg:docker/docker/dockerfile@1"), pinned("https://github.com/acme/shop.git")]
	scout.pass with data.dhiverify.statements as slsa_02(used) with data.config as config
}

test_another_base_is_named if {
	alpine := pinned("pkg:docker/alpine@3.22")
	messages := {found.message | some found in scout.violation} with data.config as config
		with data.dhiverify.statements as slsa_1([python, alpine])
	messages == {"the build used docker.io/library/alpine, which is neither an approved base nor a build tool"}
}

test_tools_alone_are_not_enough if {
	dockerfile := pinned("pkg:docker/docker/dockerfile@1")
	messages := {found.message | some found in scout.violation} with data.config as config
		with data.dhiverify.statements as slsa_02([dockerfile])
	messages == {"expected one of the approved bases among the images of the build, found docker.io/docker/dockerfile"}
}

test_a_base_without_digest_fails if {
	found := [{"uri": "pkg:docker/dhi.io/python@3.13"}]
	not scout.pass with data.dhiverify.statements as slsa_02(found) with data.config as config
}

test_two_digests_of_one_base_fail if {
	found := [pinned("pkg:docker/dhi.io/python?digest=sha256:cdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcd")]
	not scout.pass with data.dhiverify.statements as slsa_02(found) with data.config as config
}

test_one_digest_in_two_places_is_one if {
	found := [pinned(sprintf("pkg:docker/dhi.io/python?digest=sha256:%s", [digest]))]
	scout.pass with data.dhiverify.statements as slsa_02(found) with data.config as config
}

test_every_provenance_counts if {
	both := object.union(slsa_02([python]), slsa_1([pinned("pkg:docker/debian@13")]))
	not scout.pass with data.dhiverify.statements as both with data.config as config
}

test_provenance_without_materials_fails if {
	statements := {"https://slsa.dev/provenance/v1": [{"predicate": {}}]}
	not scout.pass with data.dhiverify.statements as statements with data.config as config
}

test_without_provenance_there_is_no_answer if {
	not scout.pass with data.dhiverify.statements as {} with data.config as config
	count(scout.violation) == 0 with data.dhiverify.statements as {} with data.config as config
}

test_names_are_as_docker_means_them if {
	names := {
		"pkg:docker/alpine@3.22": "docker.io/library/alpine",
		"pkg:docker/acme/dhi-python@3.13": "docker.io/acme/dhi-python",
		"pkg:docker/dhi.io/python@3.13": "dhi.io/python",
		"pkg:docker/localhost:5000/python@3.13": "localhost:5000/python",
		"pkg:docker/python@3.13?repository_url=registry.example.com": "registry.example.com/python",
		"pkg:oci/dhi.io/python@3.13": "pkg:oci/dhi.io/python",
	}
	every uri, name in names {
		scout.images_among([{"uri": uri}])[0].name == name
	}
}
