# METADATA
# title: The demanded attestations are there and verified
# description: >-
#   For each demand a trusted key signed an attestation of one of its predicate types, about this platform or about the
#   index through which it was resolved. What the attestation says is not looked at.
# custom:
#   name: attested
#   requires: dhiverify
#   demand: true
#   waivable: false
#   result_type: boolean
#   remediation: >-
#     Have the publisher attest it, or name the key that did with --key; `dhiverify attestation list` shows which
#     attestations were found and why they do not count.
#   details_order: [demand, types]
#   evidence: []
#   optional: []
package docker.scout

import rego.v1

# The command line or the policy document says what is demanded. A rule that is told nothing has no answer.
pass if {
	count(data.config.types) > 0
	every demand in data.config.types {
		count(places(demand)) > 0
	}
}

note := concat(", ", {text |
	some demand in data.config.types
	some place in places(demand)
	text := sprintf("%s about the %s", [demand.name, place])
})

violation contains {
	"message": sprintf("expected a verified attestation %s about this platform or its index, found none", [words(demand)]),
	"detail": {"demand": demand.name, "types": demand.types},
} if {
	some demand in data.config.types
	count(places(demand)) == 0
}

words(demand) := sprintf("of type %s", [demand.name]) if {
	demand.types == [demand.name]
} else := sprintf("of %s (%s)", [demand.name, concat(" or ", demand.types)]) if {
	count(demand.types) < 3
} else := sprintf("of %s (any of its %d types)", [demand.name, count(demand.types)])

# What the demand is met about.
places(demand) := {place |
	some place, kind in {"platform": "evidence", "index": "index_evidence"}
	some item in dhi.facts(kind)
	some name in names(item)
	name in demand.types
}

# What a demand may call an item: its kind, or its predicate type, which is a URI.
names(item) := {item.kind} | {type | type := item.type; contains(type, ":")}
