# `dhi.facts` answers when signed builds and scans were made, and `time.now_ns` is the effective time of the run.
package docker.scout_test

import data.docker.scout
import rego.v1

today := moment("2026-03-31")

moment(date) := time.parse_rfc3339_ns(sprintf("%sT00:00:00Z", [date]))

# `dhi.facts` with a build and a scan of these days.
made(build, scan) := [{"finished_ns": moment(build), "time_ns": moment(scan)}]

undated := [{"finished_ns": null, "time_ns": null}]

test_thirty_days_are_recent if {
	scout.pass with dhi.facts as made("2026-03-01", "2026-03-30") with time.now_ns as today
}

test_an_old_build_is_named if {
	found := scout.violation with dhi.facts as made("2026-02-28", "2026-03-30") with time.now_ns as today
	found == {{
		"message": "the newest build is of 2026-02-28T00:00:00Z, more than 30 days ago",
		"detail": {"evidence": "build", "time": "2026-02-28T00:00:00Z"},
	}}
}

test_an_old_scan_is_named if {
	messages := {one.message | some one in scout.violation} with dhi.facts as made("2026-03-30", "2026-01-01")
		with time.now_ns as today
	messages == {"the newest scan is of 2026-01-01T00:00:00Z, more than 30 days ago"}
}

test_the_newest_counts if {
	both := array.concat(made("2025-01-01", "2025-01-01"), made("2026-03-30", "2026-03-30"))
	scout.pass with dhi.facts as both with time.now_ns as today
}

test_the_configuration_says_how_old_is_old if {
	week := {"max_age_days": 7}
	eight_days_old := made("2026-03-23", "2026-03-30")
	seven_days_old := made("2026-03-24", "2026-03-30")
	scout.pass == false with dhi.facts as eight_days_old with data.config as week with time.now_ns as today
	scout.pass with dhi.facts as seven_days_old with data.config as week with time.now_ns as today
}

test_the_future_fails if {
	found := scout.violation with dhi.facts as made("2026-03-30", "2026-04-02") with time.now_ns as today
	found == {{
		"message": "a scan is of 2026-04-02T00:00:00Z, which lies in the future",
		"detail": {"evidence": "scan", "time": "2026-04-02T00:00:00Z"},
	}}
}

test_clocks_may_differ_by_a_day if {
	scout.pass with dhi.facts as made("2026-04-01", "2026-04-01") with time.now_ns as today
}

test_what_states_no_time_passes_with_a_note if {
	every facts in [[], undated] {
		scout.pass with dhi.facts as facts
		scout.note == "no document states when it was made" with dhi.facts as facts
	}
}

test_only_builds_and_scans_are_read if {
	scout.pass with dhi.facts as other_kinds with time.now_ns as today
	scout.note with dhi.facts as other_kinds
}

other_kinds(kind) := [fact |
	some fact in made("2020-01-01", "2020-01-01")
	not kind in {"provenance", "vulnerabilities"}
]
