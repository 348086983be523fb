# `dhi.facts` answers which trusted signatures cover the platform or its index. Those that do not state a demanded
# annotation are not among them.
package docker.scout_test

import data.docker.scout
import rego.v1

signature(level, signer) := {"level": level, "signer": signer}

this_image := {"source": {"image": {"digest": "sha256:abab"}}}

test_a_trusted_signature_passes if {
	every level in ["platform", "index"] {
		scout.pass with dhi.facts as [signature(level, "team.pub")]
		count(scout.violation) == 0 with dhi.facts as [signature(level, "team.pub")]
	}
}

test_the_signers_are_noted if {
	both := [signature("platform", "team.pub"), signature("index", "release.pub")]
	said := scout.note with dhi.facts as both
	said == "the index is signed by release.pub, the platform is signed by team.pub"
}

test_an_unsigned_image_is_refused if {
	scout.pass == false with dhi.facts as []
	found := scout.violation with dhi.facts as [] with input as this_image
	found == {{
		"message": "expected a signature by a trusted key of sha256:abab, or of the index that led to it, found none",
		"detail": {"digest": "sha256:abab", "annotations": {}},
	}}
}

test_the_demanded_annotations_are_named if {
	demand := {"annotations": {"stage": "production", "team": "shop"}}
	messages := {one.message | some one in scout.violation} with dhi.facts as [] with input as this_image
		with data.config as demand
	messages == {concat(" ", [
		"expected a signature by a trusted key of sha256:abab, or of the index that led to it,",
		"found none that states stage=production, team=shop",
	])}
}

test_evidence_is_no_signature_of_the_image if {
	scout.pass == false with dhi.facts as other_kinds
}

other_kinds(kind) := [signature("platform", "team.pub") | kind != "signature"]
