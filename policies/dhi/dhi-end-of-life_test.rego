# The date is a label of the image's configuration, and `time.now_ns` is the effective time of the run.
package docker.scout_test

import data.docker.scout
import rego.v1

label := "com.docker.dhi.date.end-of-life"

labelled(labels) := {"source": {"image": {"config": {"config": {"Labels": labels}}}}}

ending(date) := labelled({label: date})

today := time.parse_rfc3339_ns("2026-01-20T12:00:00Z")

test_an_image_with_time_left_passes if {
	every date in ["2026-01-21", "2027-06-30T00:00:00"] {
		scout.applicable with input as ending(date) with time.now_ns as today
		scout.pass with input as ending(date) with time.now_ns as today
	}
}

test_the_day_itself_is_too_late if {
	every date in ["2026-01-20", "2026-01-20T23:59:59Z", "2024-12-31"] {
		scout.pass == false with input as ending(date) with time.now_ns as today
	}
}

test_the_day_begins_at_midnight if {
	midnight := time.parse_rfc3339_ns("2026-01-20T00:00:00Z")
	scout.pass == false with input as ending("2026-01-20") with time.now_ns as midnight
	scout.pass with input as ending("2026-01-20") with time.now_ns as midnight - 1
}

test_the_date_is_named if {
	found := scout.violation with input as ending("2025-10-31") with time.now_ns as today
	found == {{"message": "the image reached its end of life on 2025-10-31", "detail": {"date": "2025-10-31"}}}
}

test_a_date_with_more_behind_it_fails if {
	found := scout.violation with input as ending("2099-12-31 or later") with time.now_ns as today
	found == {{
		"message": "expected a date of end of life, found 2099-12-31 or later",
		"detail": {"date": "2099-12-31 or later"},
	}}
}

test_without_a_date_there_is_nothing_to_ask if {
	not scout.applicable with input as labelled({})
	not scout.applicable with input as ending("")
	not scout.applicable with input as labelled(null)
}
