# `dhi.facts` answers when the base was built and ends, and of which variant it is (kind `base`). `time.now_ns` is the
# effective time of the run.
package docker.scout_test

import data.docker.scout
import rego.v1

today := moment("2026-03-31")

moment(date) := time.parse_rfc3339_ns(sprintf("%sT00:00:00Z", [date]))

# A base that states nothing.
silent := {
	"reference": "dhi.io/python:3.13",
	"built": "",
	"built_ns": null,
	"end_of_life": "",
	"end_of_life_ns": null,
	"variant": "",
}

built(date) := object.union(silent, {"built": date, "built_ns": moment(date)})

ending(date) := object.union(silent, {"end_of_life": date, "end_of_life_ns": moment(date)})

of_variant(variant) := object.union(silent, {"variant": variant})

detail(members) := object.union(
	{"base": "dhi.io/python:3.13", "built": "", "end_of_life": "", "variant": ""},
	members,
)

# Whether such a base is good enough.
met(base, config) if {
	scout.pass with dhi.facts as [base] with data.config as config with time.now_ns as today
}

# The violations otherwise.
faults(base, config) := found if {
	found := scout.violation with dhi.facts as [base] with data.config as config with time.now_ns as today
	refused := scout.pass with dhi.facts as [base] with data.config as config with time.now_ns as today
	refused == false
}

test_where_nothing_is_demanded_any_base_passes if {
	every base in [silent, built("2001-01-01"), ending("2030-01-01"), of_variant("dev")] {
		met(base, {})
		scout.applicable with dhi.facts as [base]
	}
}

test_a_base_of_thirty_days_passes if {
	met(built("2026-03-01"), {"max_age_days": 30})
}

test_an_older_base_is_named if {
	faults(built("2026-02-28"), {"max_age_days": 30}) == {{
		"message": "the base was built at 2026-02-28, more than 30 days ago",
		"detail": detail({"built": "2026-02-28"}),
	}}
}

test_the_limit_is_reached_to_the_nanosecond if {
	late := object.union(silent, {"built": "late", "built_ns": moment("2026-03-30") - 1})
	met(built("2026-03-30"), {"max_age_days": 1})
	count(faults(late, {"max_age_days": 1})) == 1
}

test_an_age_that_is_demanded_has_to_be_stated if {
	faults(silent, {"max_age_days": 30}) == {{
		"message": "no provenance of the base states when it was built; at most 30 days are allowed",
		"detail": detail({}),
	}}
}

test_clocks_may_differ_by_a_day_and_no_more if {
	met(built("2026-04-01"), {"max_age_days": 30})
	faults(built("2026-04-02"), {"max_age_days": 30}) == {{
		"message": "the base was built at 2026-04-02, which lies in the future",
		"detail": detail({"built": "2026-04-02"}),
	}}
}

test_an_age_of_zero_is_no_demand if {
	every base in [silent, built("2001-01-01"), built("2027-01-01")] {
		met(base, {"max_age_days": 0})
	}
}

test_a_base_with_time_left_passes if {
	met(ending("2026-04-01"), {})
}

test_the_end_of_life_is_named if {
	every date in ["2026-03-31", "2020-01-01"] {
		faults(ending(date), {"supported": true}) == {{
			"message": sprintf("the base reached its end of life on %s", [date]),
			"detail": detail({"end_of_life": date}),
		}}
	}
}

test_an_end_of_life_that_is_no_date_is_refused if {
	faults(object.union(silent, {"end_of_life": "never"}), {}) == {{
		"message": "expected the end of life of the base as a date, found never",
		"detail": detail({"end_of_life": "never"}),
	}}
}

test_support_may_be_left_out if {
	every base in [ending("2020-01-01"), object.union(silent, {"end_of_life": "never"})] {
		met(base, {"supported": false})
		count(faults(base, {})) == 1
	}
}

test_a_variant_that_is_demanded_passes if {
	every variant in ["runtime", "dev"] {
		met(of_variant(variant), {"variants": ["runtime", "dev"]})
	}
}

test_another_variant_is_named if {
	faults(of_variant("dev"), {"variants": ["runtime", "fips"]}) == {{
		"message": "the base is of the variant dev; expected runtime or fips",
		"detail": detail({"variant": "dev"}),
	}}
}

test_a_variant_that_is_demanded_has_to_be_stated if {
	faults(silent, {"variants": ["runtime"]}) == {{
		"message": "the base is of the variant that it does not state; expected runtime",
		"detail": detail({}),
	}}
}

# That there must be one is said by the rule base-proved.
test_without_a_base_there_is_nothing_to_ask if {
	not scout.applicable with dhi.facts as [object.union(silent, {"reference": ""})]
}

test_where_none_was_looked_for_nothing_passes if {
	scout.pass == false with dhi.facts as []
}

test_only_bases_are_read if {
	demanding := {"max_age_days": 30, "variants": ["runtime"]}
	scout.pass == false with dhi.facts as other_kinds with data.config as {}
	scout.applicable with dhi.facts as other_kinds
	count(scout.violation) == 0 with dhi.facts as other_kinds with data.config as demanding with time.now_ns as today
}

# With any of them, the rule would say something.
other_kinds(kind) := [base |
	some base in [
		built("2001-01-01"),
		built("2027-01-01"),
		ending("2001-01-01"),
		object.union(silent, {"end_of_life": "never"}),
		object.union(silent, {"reference": ""}),
	]
	kind != "base"
]
