# `dhi.facts` answers what the signed FIPS documents say.
package docker.scout_test

import data.docker.scout
import rego.v1

module(status) := {"name": "OpenSSL", "version": "3.1.2", "status": status}

document(statuses) := {"modules": [module(status) | some status in statuses]}

test_active_modules_pass if {
	scout.applicable with dhi.facts as [document(["active", " Active "])]
	scout.pass with dhi.facts as [document(["active", " Active "])]
}

test_a_module_in_process_is_named if {
	found := scout.violation with dhi.facts as [document(["active", "in process"])]
	found == {{
		"message": "expected OpenSSL 3.1.2 to be active, found in process",
		"detail": {"module": "OpenSSL", "status": "in process"},
	}}
}

test_every_document_counts if {
	scout.pass == false with dhi.facts as [document(["active"]), document(["revoked"])]
}

test_without_a_document_there_is_nothing_to_ask if {
	not scout.applicable with dhi.facts as []
}

test_only_fips_documents_are_read if {
	not scout.applicable with dhi.facts as other_kinds
	count(scout.violation) == 0 with dhi.facts as other_kinds
}

other_kinds(kind) := [document(["in process"]) | kind != "fips"]
