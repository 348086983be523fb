# `dhi.facts` answers what the signed FIPS documents say, and `time.now_ns` is the effective time of the run.
package docker.scout_test

import data.docker.scout
import rego.v1

today := time.parse_rfc3339_ns("2026-01-20T00:00:00Z")

active := {
	"name": "OpenSSL",
	"version": "3.1.2",
	"status": "active",
	"certification": "4985",
	"sunset_date": "",
	"sunset_ns": null,
}

document(modules) := {"modules": modules}

changed(members) := document([object.union(active, members)])

ending(date) := changed({
	"sunset_date": date,
	"sunset_ns": time.parse_rfc3339_ns(sprintf("%sT00:00:00Z", [date])),
})

test_active_and_in_process_pass if {
	every status in ["active", "Active", "in process", " active "] {
		scout.pass with dhi.facts as [changed({"status": status})]
	}
}

test_a_date_to_come_passes if {
	scout.applicable with dhi.facts as [ending("2026-01-21")] with time.now_ns as today
	scout.pass with dhi.facts as [ending("2026-01-21")] with time.now_ns as today
}

test_a_date_that_is_reached_fails if {
	scout.pass == false with dhi.facts as [ending("2026-01-20")] with time.now_ns as today
	found := scout.violation with dhi.facts as [ending("2026-01-20")] with time.now_ns as today
	found == {{
		"message": "the validation of OpenSSL 3.1.2 ended on 2026-01-20",
		"detail": {"module": "OpenSSL", "certification": "4985", "sunset": "2026-01-20"},
	}}
}

test_a_date_without_a_time_fails if {
	scout.pass == false with dhi.facts as [changed({"sunset_date": "2030-01-01"})] with time.now_ns as today
}

test_any_other_status_fails if {
	found := scout.violation with dhi.facts as [changed({"status": "revoked"})]
	found == {{
		"message": "expected OpenSSL 3.1.2 to be active or in process, found revoked",
		"detail": {"module": "OpenSSL", "status": "revoked"},
	}}
}

test_no_status_fails if {
	messages := {one.message | some one in scout.violation} with dhi.facts as [changed({"status": null})]
	messages == {"expected OpenSSL 3.1.2 to be active or in process, found no status"}
}

test_one_bad_module_of_two_fails if {
	historical := object.union(active, {"name": "GnuTLS", "status": "historical"})
	scout.pass == false with dhi.facts as [document([active, historical])]
	scout.pass == false with dhi.facts as [document([active]), document([historical])]
}

test_a_document_without_modules_fails if {
	found := scout.violation with dhi.facts as [document([active]), document([])]
	found == {{"message": "expected at least one cryptographic module, found none"}}
}

test_without_a_document_there_is_nothing_to_ask if {
	not scout.applicable with dhi.facts as []
}

test_only_fips_documents_are_read if {
	not scout.applicable with dhi.facts as other_kinds
	count(scout.violation) == 0 with dhi.facts as other_kinds with time.now_ns as today
}

# Each of them would fail.
other_kinds(kind) := [bad |
	some bad in [ending("2020-01-01"), changed({"status": "revoked"}), document([])]
	kind != "fips"
]
